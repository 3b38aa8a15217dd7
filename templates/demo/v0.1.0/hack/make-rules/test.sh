#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Runs the tests of the directories named by the arguments, or all.

KUBE_ROOT=$(dirname "${BASH_SOURCE[0]}")/../..
source "${KUBE_ROOT}/hack/lib/init.sh"
cd "${KUBE_ROOT}"

kube::golang::setup_env

# The race detector needs cgo. KUBE_RACE="" does without.
KUBE_RACE="${KUBE_RACE--race}"
KUBE_TIMEOUT="${KUBE_TIMEOUT:--timeout=180s}"

dirs=()
for dir; do
  dirs+=("./${dir#./}")
done
if [[ ${#dirs[@]} -eq 0 ]]; then
  kube::util::read-array dirs < <(find ./cmd ./pkg -name '*_test.go' -exec dirname {} \; | sort -u)
  # A module of its own, which has to be named by its import path.
  dirs+=(k8s.io/component-base/...)
fi

kube::log::status "Running tests ${KUBE_RACE:+with race detection}"
GOPROXY=off go test ${KUBE_RACE:+"${KUBE_RACE}"} "${KUBE_TIMEOUT}" "${dirs[@]}"
