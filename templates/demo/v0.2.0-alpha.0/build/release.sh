#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Builds a release: compiles in a container, then packages on this machine.

KUBE_ROOT=$(dirname "${BASH_SOURCE[0]}")/..
source "${KUBE_ROOT}/build/common.sh"
source "${KUBE_ROOT}/build/lib/release.sh"

KUBE_RELEASE_RUN_TESTS=${KUBE_RELEASE_RUN_TESTS-y}

kube::log::status "Building a release (KUBE_FASTBUILD=${KUBE_FASTBUILD:-false} KUBE_RELEASE_RUN_TESTS=${KUBE_RELEASE_RUN_TESTS} KUBE_BUILD_CONFORMANCE=${KUBE_BUILD_CONFORMANCE:-n})"
kube::build::verify_prereqs
kube::build::run_build_command make cross

if [[ ${KUBE_RELEASE_RUN_TESTS} =~ ^[yY]$ ]]; then
  kube::build::run_build_command make test
fi

kube::release::package_tarballs
