#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Builds the targets named by the arguments, or all.

KUBE_ROOT=$(dirname "${BASH_SOURCE[0]}")/../..
KUBE_VERBOSE="${KUBE_VERBOSE:-1}"
source "${KUBE_ROOT}/hack/lib/init.sh"

# Here, and not in a subshell: what follows needs the same `go`.
kube::golang::setup_env
kube::golang::build_binaries "$@"
kube::golang::place_bins
