#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Builds a release.

KUBE_ROOT=$(dirname "${BASH_SOURCE[0]}")/..
source "${KUBE_ROOT}/build/common.sh"

kube::log::status "Building a release (KUBE_FASTBUILD=${KUBE_FASTBUILD:-false} KUBE_RELEASE_RUN_TESTS=${KUBE_RELEASE_RUN_TESTS-y} KUBE_BUILD_CONFORMANCE=${KUBE_BUILD_CONFORMANCE:-n})"
kube::build::verify_prereqs

kube::log::error_exit "A release needs a build inside a container engine, which this tree has from v0.2.0 on"
