#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Runs `go vet` on the directories named by the arguments, or all.

KUBE_ROOT=$(dirname "${BASH_SOURCE[0]}")/../..
source "${KUBE_ROOT}/hack/lib/init.sh"
cd "${KUBE_ROOT}"

kube::golang::setup_env

targets=()
for target; do
  targets+=("./${target#./}")
done
if [[ ${#targets[@]} -eq 0 ]]; then
  targets=(./cmd/... ./pkg/... k8s.io/component-base/...)
fi

kube::log::status "Running go vet"
GOPROXY=off go vet "${targets[@]}"
