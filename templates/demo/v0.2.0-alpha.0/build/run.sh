#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Runs a command inside the build container, e.g. `build/run.sh make kubectl`.

KUBE_ROOT=$(dirname "${BASH_SOURCE[0]}")/..
source "${KUBE_ROOT}/build/common.sh"

kube::build::verify_prereqs
if [[ "${KUBE_RUN_COPY_OUTPUT:-y}" != "y" ]]; then
  kube::log::info "KUBE_RUN_COPY_OUTPUT no longer means anything as we bind-mount instead of rsyncing, so output is always persisted"
fi
kube::build::run_build_command "$@"
