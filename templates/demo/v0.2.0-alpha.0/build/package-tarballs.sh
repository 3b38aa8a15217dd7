#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Packages what a dockerized build left.

KUBE_ROOT=$(dirname "${BASH_SOURCE[0]}")/..
source "${KUBE_ROOT}/build/common.sh"
source "${KUBE_ROOT}/build/lib/release.sh"

kube::log::status "Packaging tarballs (KUBE_BUILD_CONFORMANCE=${KUBE_BUILD_CONFORMANCE:-n})"
kube::build::ensure_tar
kube::version::get_version_vars
kube::release::package_tarballs
