#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Removes what was built.

KUBE_ROOT=$(dirname "${BASH_SOURCE[0]}")/..
source "${KUBE_ROOT}/build/common.sh"

kube::build::clean
