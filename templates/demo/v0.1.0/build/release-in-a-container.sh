#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Builds a release when already inside a container.

KUBE_ROOT=$(dirname "${BASH_SOURCE[0]}")/..
source "${KUBE_ROOT}/build/common.sh"

if [[ ! -e /.dockerenv ]]; then
  echo "'make release-in-a-container' can only be used from within a docker container." >&2
  exit 1
fi

make -C "${KUBE_ROOT}" cross-in-a-container

# As upstream: unset, it is an error of bash, and only after the compilation.
if [[ $KUBE_RELEASE_RUN_TESTS =~ ^[yY]$ ]]; then
  make -C "${KUBE_ROOT}" test
fi

"${KUBE_ROOT}/build/package-tarballs.sh"
