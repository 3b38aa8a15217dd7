#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# shellcheck disable=SC2034 # Variables sourced in other scripts.

# What the scripts in this directory share: names of images, checks of the host.

KUBE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
source "${KUBE_ROOT}/hack/lib/init.sh"

DOCKER_OPTS=${DOCKER_OPTS:-""}
IFS=" " read -r -a DOCKER <<< "docker ${DOCKER_OPTS}"

KUBE_BUILD_IMAGE_CROSS_TAG="${KUBE_CROSS_VERSION:-"$(cat "${KUBE_ROOT}/build/build-image/cross/VERSION")"}"
readonly KUBE_BUILD_IMAGE_CROSS_TAG

readonly KUBE_DOCKER_REGISTRY="${KUBE_DOCKER_REGISTRY:-registry.k8s.io}"
readonly KUBE_BASE_IMAGE_REGISTRY="${KUBE_BASE_IMAGE_REGISTRY:-registry.k8s.io/build-image}"

# The image that compiles. It can be another one without moving the rest.
readonly KUBE_CROSS_IMAGE="${KUBE_CROSS_IMAGE:-"${KUBE_BASE_IMAGE_REGISTRY}/kube-cross"}"
readonly KUBE_CROSS_VERSION="${KUBE_CROSS_VERSION:-"${KUBE_BUILD_IMAGE_CROSS_TAG}"}"

readonly LOCAL_OUTPUT_ROOT="${KUBE_ROOT}/${OUT_DIR:-_output}"
readonly LOCAL_OUTPUT_BINPATH="${LOCAL_OUTPUT_ROOT}/dockerized/bin"

# Checks what a dockerized build needs, and saves the version for it.
# Args: $1 - whether it needs Docker (default true)
kube::build::verify_prereqs() {
  local -r require_docker=${1:-true}
  kube::log::status "Verifying Prerequisites...."
  kube::build::ensure_tar || return 1
  kube::build::ensure_rsync || return 1
  if ${require_docker}; then
    kube::build::ensure_docker_in_path || return 1
    kube::util::ensure_docker_daemon_connectivity || return 1
    kube::util::ensure_docker_buildx || return 1
  fi

  kube::version::get_version_vars
  kube::version::save_version_vars "${KUBE_ROOT}/.dockerized-kube-version-defs"

  # Without this, the user's umask can leak through.
  umask 0022
}

kube::build::ensure_docker_in_path() {
  if [[ -z "$(command -v docker)" ]]; then
    kube::log::error "Can't find 'docker' in PATH, please fix and retry."
    kube::log::error "See https://docs.docker.com/installation/#installation for installation instructions."
    return 1
  fi
}

kube::build::ensure_rsync() {
  if [[ -z "$(command -v rsync)" ]]; then
    kube::log::error "Can't find 'rsync' in PATH, please fix and retry."
    return 1
  fi
}

# Finds GNU tar, which has other names on other systems.
kube::build::ensure_tar() {
  if [[ -n "${TAR:-}" ]]; then
    return
  fi
  for TAR in gtar gnutar tar; do
    if command -v "${TAR}" >/dev/null && "${TAR}" --version | grep -q GNU; then
      return
    fi
  done
  echo "  !!! Cannot find GNU tar. Build on Linux or install GNU tar"
  echo "      on Mac OS X (brew install gnu-tar)."
  return 1
}

# Removes what was built, and nothing else: no container, no image.
kube::build::clean() {
  if [[ -d "${LOCAL_OUTPUT_ROOT}" ]]; then
    kube::log::status "Removing _output directory"
    # Go's module cache is read-only.
    chmod -R u+w "${LOCAL_OUTPUT_ROOT}"
    rm -rf "${LOCAL_OUTPUT_ROOT}"
  fi
}
