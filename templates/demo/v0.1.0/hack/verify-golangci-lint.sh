#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Upstream runs golangci-lint, which it downloads. The miniature downloads nothing: `go vet` it is.

KUBE_ROOT=$(dirname "${BASH_SOURCE[0]}")/..
exec "${KUBE_ROOT}/hack/make-rules/vet.sh" "$@"
