#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Checks that every Go file is formatted.

KUBE_ROOT=$(dirname "${BASH_SOURCE[0]}")/..
source "${KUBE_ROOT}/hack/lib/init.sh"
cd "${KUBE_ROOT}"

kube::golang::setup_env

files=$(find . -name '*.go' -not -path './_output/*' -exec "$(go env GOROOT)/bin/gofmt" -l -s {} +)
if [[ -n "${files}" ]]; then
  echo "!!! gofmt -s needs to be run on the following files:" >&2
  echo "${files}" >&2
  exit 1
fi
