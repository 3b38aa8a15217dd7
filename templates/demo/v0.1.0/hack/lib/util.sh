#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Small helpers.

# Reads lines into the array named by $1. An empty input makes an empty array.
kube::util::read-array() {
  local -r name=$1
  local line
  eval "${name}=()"
  while IFS= read -r line; do
    eval "${name}+=(\"\${line}\")"
  done
}

kube::util::ensure-bash-version() {
  if (( BASH_VERSINFO[0] < 4 || ( BASH_VERSINFO[0] == 4 && BASH_VERSINFO[1] < 2 ) )); then
    echo "ERROR: This script requires a minimum bash version of 4.2, but got version of ${BASH_VERSINFO[0]}.${BASH_VERSINFO[1]}" >&2
    if [[ "${OSTYPE}" == darwin* ]]; then
      echo "On macOS with homebrew 'brew install bash' is sufficient." >&2
    fi
    exit 1
  fi
}

# The architecture of this machine, with Go's name.
kube::util::host_arch() {
  case "$(uname -m)" in
    x86_64 | amd64) echo amd64 ;;
    aarch64 | arm64) echo arm64 ;;
    armv*) echo arm ;;
    i?86*) echo 386 ;;
    s390x) echo s390x ;;
    ppc64le) echo ppc64le ;;
    *)
      kube::log::error "Unsupported host arch. Must be x86_64, 386, arm, arm64, s390x or ppc64le."
      exit 1
      ;;
  esac
}

kube::util::ensure_docker_daemon_connectivity() {
  if ! "${DOCKER[@]}" info >/dev/null 2>&1; then
    kube::log::usage_from_stdin <<USAGE
Can't connect to 'docker' daemon.  please fix and retry.

Possible causes:
  - the daemon is not running
  - DOCKER_HOST is wrong, or this user may not use it
USAGE
    return 1
  fi
}

kube::util::ensure_docker_buildx() {
  if ! "${DOCKER[@]}" buildx version >/dev/null 2>&1; then
    echo "ERROR: docker buildx not available. Docker 19.03 or higher is required with experimental features enabled" >&2
    return 1
  fi
}
