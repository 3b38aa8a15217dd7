#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Generates what a build needs before it begins.

KUBE_ROOT=$(dirname "${BASH_SOURCE[0]}")/../..
source "${KUBE_ROOT}/hack/lib/init.sh"

kube::log::status "Nothing to generate: this tree has no generated files"
