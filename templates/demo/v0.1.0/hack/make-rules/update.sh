#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Upstream generates code, documents and API descriptions here.

KUBE_ROOT=$(dirname "${BASH_SOURCE[0]}")/../..
source "${KUBE_ROOT}/hack/lib/init.sh"

kube::log::status "Nothing to update: this tree has no generated files"
