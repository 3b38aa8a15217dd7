#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Builds the images of a release: compiles in a container, then builds on this machine.

KUBE_ROOT=$(dirname "${BASH_SOURCE[0]}")/..
source "${KUBE_ROOT}/build/common.sh"
source "${KUBE_ROOT}/build/lib/release.sh"

kube::log::status "Building release images (KUBE_FASTBUILD=${KUBE_FASTBUILD:-false} KUBE_BUILD_CONFORMANCE=${KUBE_BUILD_CONFORMANCE:-n})"
kube::build::verify_prereqs
kube::build::run_build_command make all WHAT="${KUBE_SERVER_IMAGE_TARGETS[*]} ${KUBE_EXTRA_WHAT:-}" \
  KUBE_BUILD_PLATFORMS="${KUBE_SERVER_PLATFORMS[*]}" DBG="${DBG:-}"

kube::release::build_server_images
