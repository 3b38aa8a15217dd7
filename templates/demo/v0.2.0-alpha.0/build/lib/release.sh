#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Turns what a dockerized build left into images and tarballs. Upstream has more of
# both; there is no conformance image and there are no test tarballs here.

readonly RELEASE_STAGE="${LOCAL_OUTPUT_ROOT}/release-stage"
readonly RELEASE_TARS="${LOCAL_OUTPUT_ROOT}/release-tars"
readonly RELEASE_IMAGES="${LOCAL_OUTPUT_ROOT}/release-images"

# Tars the directory "kubernetes" in $2 as $1.
kube::release::create_tarball() {
  kube::log::status "Building tarball: ${1}"
  mkdir -p "${RELEASE_TARS}"
  "${TAR}" czf "${RELEASE_TARS}/${1}" -C "${2}" --owner=0 --group=0 --sort=name kubernetes
}

# Packages the binaries $3… for each platform in the list $2 as kubernetes-$1-OS-ARCH.
kube::release::package_set() {
  local -r set=$1
  local -a platforms
  IFS=" " read -ra platforms <<< "$2"
  shift 2

  local platform binary stage
  for platform in ${platforms[@]+"${platforms[@]}"}; do
    stage="${RELEASE_STAGE}/${set}/${platform/\//-}"
    rm -rf "${stage}"
    mkdir -p "${stage}/kubernetes/${set}/bin"
    for binary; do
      [[ "${platform}" != windows/* ]] || binary+=.exe
      cp -p "${LOCAL_OUTPUT_BINPATH}/${platform}/${binary}" "${stage}/kubernetes/${set}/bin/"
    done
    kube::release::create_tarball "kubernetes-${set}-${platform/\//-}.tar.gz" "${stage}"
  done
}

kube::release::package_src_tarball() {
  local -r stage="${RELEASE_STAGE}/src"
  rm -rf "${stage}"
  mkdir -p "${stage}/kubernetes"
  "${TAR}" cf - -C "${KUBE_ROOT}" --exclude=./_output --exclude=./.git . | "${TAR}" xf - -C "${stage}/kubernetes"
  kube::release::create_tarball kubernetes-src.tar.gz "${stage}"
}

kube::release::package_tarballs() {
  if [[ ! -d "${LOCAL_OUTPUT_BINPATH}" ]]; then
    kube::log::error_exit "Nothing to package: ${LOCAL_OUTPUT_BINPATH} does not exist"
  fi
  kube::release::package_src_tarball
  kube::release::package_set client "${KUBE_CLIENT_PLATFORMS[*]-}" "${KUBE_CLIENT_BINARIES[@]}"
  kube::release::package_set node "${KUBE_NODE_PLATFORMS[*]-}" "${KUBE_NODE_BINARIES[@]}"
  kube::release::package_set server "${KUBE_SERVER_PLATFORMS[*]-}" "${KUBE_SERVER_BINARIES[@]}" "${KUBE_CLIENT_BINARIES[@]}"
}

# Writes one archive for each image and server platform.
kube::release::build_server_images() {
  # A tag of an image must not have a plus sign.
  local tag=${KUBE_DOCKER_IMAGE_TAG:-${KUBE_GIT_VERSION-}}
  tag=${tag//+/_}
  if [[ -z "${tag}" ]]; then
    kube::log::error_exit "git version information missing; cannot create Docker tag"
  fi

  local platform binary arch context image
  for platform in "${KUBE_SERVER_PLATFORMS[@]}"; do
    arch=${platform##*/}
    mkdir -p "${RELEASE_IMAGES}/${arch}"
    for binary in "${KUBE_SERVER_IMAGE_BINARIES[@]}"; do
      kube::log::status "Building docker image for ${binary} (${arch})"
      image="${KUBE_DOCKER_REGISTRY}/${binary}-${arch}:${tag}"
      context="${RELEASE_STAGE}/images/${arch}/${binary}"
      mkdir -p "${context}"
      cp -p "${LOCAL_OUTPUT_BINPATH}/${platform}/${binary}" "${context}/"
      cat >"${context}/Dockerfile" <<DOCKERFILE
FROM ${KUBE_GORUNNER_IMAGE}
COPY ${binary} /usr/local/bin/${binary}
ENTRYPOINT ["/usr/local/bin/${binary}"]
DOCKERFILE
      "${DOCKER[@]}" buildx build --load --platform "${platform}" --tag "${image}" "${context}"
      "${DOCKER[@]}" save --output "${RELEASE_IMAGES}/${arch}/${binary}.tar" "${image}"
    done
  done
}
