#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# What every script needs first: strict mode, the paths, and the other libraries.

set -o errexit
set -o nounset
set -o pipefail

# CDPATH makes `cd` print, and the paths below come from what `cd` does.
unset CDPATH

export no_proxy="127.0.0.1,localhost${no_proxy:+,${no_proxy}}"

# The physical path: version control and `go` disagree about symlinks otherwise.
KUBE_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)"

KUBE_OUTPUT_SUBPATH="${KUBE_OUTPUT_SUBPATH:-_output/local}"
KUBE_OUTPUT="${KUBE_ROOT}/${KUBE_OUTPUT_SUBPATH}"
KUBE_OUTPUT_BINPATH="${KUBE_OUTPUT}/bin"

# A link to the commands for this machine.
THIS_PLATFORM_BIN="${KUBE_ROOT}/_output/bin"

source "${KUBE_ROOT}/hack/lib/logging.sh"
source "${KUBE_ROOT}/hack/lib/util.sh"

kube::log::install_errexit
kube::util::ensure-bash-version

source "${KUBE_ROOT}/hack/lib/version.sh"
source "${KUBE_ROOT}/hack/lib/golang.sh"
