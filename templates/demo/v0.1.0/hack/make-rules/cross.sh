#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Builds everything for every platform that it is meant for.

KUBE_ROOT=$(dirname "${BASH_SOURCE[0]}")/../..
source "${KUBE_ROOT}/hack/lib/init.sh"

# KUBE_FASTBUILD and KUBE_BUILD_PLATFORMS have made a set empty or smaller already.
build() {
  local -r what=$1 platforms=$2
  [[ -n "${platforms}" ]] || return 0
  make -C "${KUBE_ROOT}" all WHAT="${what}" KUBE_BUILD_PLATFORMS="${platforms}"
}

build "${KUBE_SERVER_TARGETS[*]}" "${KUBE_SERVER_PLATFORMS[*]-}"
build "${KUBE_NODE_TARGETS[*]}" "${KUBE_NODE_PLATFORMS[*]-}"
build "${KUBE_CLIENT_TARGETS[*]}" "${KUBE_CLIENT_PLATFORMS[*]-}"
