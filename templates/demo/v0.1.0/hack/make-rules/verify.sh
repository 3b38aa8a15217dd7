#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Runs the checks hack/verify-*.sh: those in WHAT, or for QUICK=true the quick ones, or all.

KUBE_ROOT=$(dirname "${BASH_SOURCE[0]}")/../..
source "${KUBE_ROOT}/hack/lib/init.sh"

readonly QUICK_CHECKS="gofmt"

wanted=${WHAT:-}
if [[ -z "${wanted}" && "${QUICK:-}" == "true" ]]; then
  wanted=${QUICK_CHECKS}
fi

failed=()
for script in "${KUBE_ROOT}"/hack/verify-*.sh; do
  name=$(basename "${script}" .sh)
  name=${name#verify-}
  if [[ -n "${wanted}" && " ${wanted} " != *" ${name} "* ]]; then
    continue
  fi
  if "${script}"; then
    echo "SUCCESS  ${name}"
  else
    echo "FAILED   ${name}"
    failed+=("hack/verify-${name}.sh")
  fi
done

if [[ ${#failed[@]} -gt 0 ]]; then
  echo "========================"
  echo "FAILED TESTS"
  echo "========================"
  printf '%s\n' "${failed[@]}"
  exit 1
fi
