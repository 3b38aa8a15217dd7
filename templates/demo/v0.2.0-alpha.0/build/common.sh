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

# Where the tree is inside the container.
readonly KUBE_CROSS_CONTAINER_ROOT="/go/src/k8s.io/kubernetes"

# The base of images. Upstream's brings a small init; static commands do without.
readonly KUBE_GORUNNER_IMAGE="${KUBE_GORUNNER_IMAGE:-scratch}"

readonly LOCAL_OUTPUT_ROOT="${KUBE_ROOT}/${OUT_DIR:-_output}"
readonly LOCAL_OUTPUT_BINPATH="${LOCAL_OUTPUT_ROOT}/dockerized/bin"

# Names the container after the host, the tree and the branch: the next build there
# takes the place of an unfinished one.
kube::build::setup_vars() {
  local branch hash
  branch=$(git -C "${KUBE_ROOT}" symbolic-ref --short -q HEAD 2>/dev/null || true)
  hash=$(echo -n "${HOSTNAME:-}:${KUBE_ROOT}:${branch}" | { md5sum 2>/dev/null || md5; })
  KUBE_BUILD_CONTAINER_NAME="kube-build-${hash:0:10}-6"
}

# Checks what a dockerized build needs, and saves the version for it.
# Args: $1 - whether it needs Docker (default true)
kube::build::verify_prereqs() {
  local -r require_docker=${1:-true}
  kube::log::status "Verifying Prerequisites...."
  kube::build::ensure_tar || return 1
  if ${require_docker}; then
    kube::build::ensure_docker_in_path || return 1
    kube::util::ensure_docker_daemon_connectivity || return 1
    kube::util::ensure_docker_buildx || return 1
  fi

  kube::build::setup_vars
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

kube::build::destroy_container() {
  "${DOCKER[@]}" rm -f -v "$1" >/dev/null 2>&1 || true
}

# Runs a command in a container of the kube-cross image, with the tree mounted.
kube::build::run_build_command() {
  kube::log::status "Running build command..."
  local -a options=(
    --name "${KUBE_BUILD_CONTAINER_NAME}"
    --volume "${KUBE_ROOT}:${KUBE_CROSS_CONTAINER_ROOT}"
    --workdir "${KUBE_CROSS_CONTAINER_ROOT}"
    --env KUBE_OUTPUT_SUBPATH=_output/dockerized
    # Git in the container may refuse a tree of another owner.
    --env "KUBE_GIT_VERSION_FILE=${KUBE_CROSS_CONTAINER_ROOT}/.dockerized-kube-version-defs"
    --env "KUBE_CGO_OVERRIDES=${KUBE_CGO_OVERRIDES[*]-}"
    --env "KUBE_STATIC_OVERRIDES=${KUBE_STATIC_OVERRIDES[*]-}"
  )
  local name
  for name in KUBE_FASTBUILD KUBE_VERBOSE KUBE_BUILD_PLATFORMS KUBE_RACE FORCE_HOST_GO GO_VERSION \
    GOTOOLCHAIN GOFLAGS GOLDFLAGS GOGCFLAGS GOPROXY SOURCE_DATE_EPOCH; do
    [[ -z "${!name+set}" ]] || options+=(--env "${name}=${!name}")
  done
  # Rootless, root in the container is this user already.
  if ! "${DOCKER[@]}" info --format '{{json .SecurityOptions}}' | grep -q "name=rootless"; then
    options+=(--user "$(id -u):$(id -g)")
  fi

  kube::build::destroy_container "${KUBE_BUILD_CONTAINER_NAME}"
  "${DOCKER[@]}" run "${options[@]}" "${KUBE_CROSS_IMAGE}:${KUBE_CROSS_VERSION}" "$@"
  kube::build::destroy_container "${KUBE_BUILD_CONTAINER_NAME}"
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
