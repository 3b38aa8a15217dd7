#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# The version of this tree, in these variables:
#
#   KUBE_GIT_COMMIT      the commit
#   KUBE_GIT_TREE_STATE  "clean", "dirty", or "archive" for a tree from `git archive`
#   KUBE_GIT_VERSION     vX.Y.Z, with the distance from that tag if there is one
#   KUBE_GIT_MAJOR       X
#   KUBE_GIT_MINOR       Y, with a "+" unless the tree is exactly the tag

# Sets them: from KUBE_GIT_VERSION_FILE if that is set, else from what `git archive`
# left in this file, else from Git. Each that is set already keeps its value.
kube::version::get_version_vars() {
  if [[ -n "${KUBE_GIT_VERSION_FILE-}" ]]; then
    kube::version::load_version_vars "${KUBE_GIT_VERSION_FILE}"
    return
  fi

  # In an archive the placeholder has become a single percent sign.
  # shellcheck disable=SC2016,SC2050
  if [[ '$Format:%%$' == "%" ]]; then
    KUBE_GIT_COMMIT='$Format:%H$'
    KUBE_GIT_TREE_STATE="archive"
    # The names of the commit, e.g. "HEAD -> master, tag: v0.1.0".
    if [[ '$Format:%D$' =~ tag:\ (v[^ ,]+) ]]; then
      KUBE_GIT_VERSION="${BASH_REMATCH[1]}"
    fi
  fi

  local -r git=(git --work-tree "${KUBE_ROOT}")

  if [[ -z "${KUBE_GIT_COMMIT-}" ]]; then
    KUBE_GIT_COMMIT=$("${git[@]}" rev-parse "HEAD^{commit}" 2>/dev/null) || return 0
  fi

  if [[ -z "${KUBE_GIT_TREE_STATE-}" ]]; then
    # Dirty unless proven clean. New files count: a new .go file changes the build.
    local status
    KUBE_GIT_TREE_STATE="dirty"
    if status=$("${git[@]}" status --porcelain 2>/dev/null) && [[ -z "${status}" ]]; then
      KUBE_GIT_TREE_STATE="clean"
    fi
  fi

  if [[ -z "${KUBE_GIT_VERSION-}" ]]; then
    KUBE_GIT_VERSION=$("${git[@]}" describe --tags --match='v*' --abbrev=14 "${KUBE_GIT_COMMIT}^{commit}" 2>/dev/null) || return 0
  fi

  # The distance, as a semantic version has it:
  #   v0.2.0-alpha.0-3-g0123456789abcd  ->  v0.2.0-alpha.0.3+0123456789abcd
  #   v0.2.0-3-g0123456789abcd          ->  v0.2.0-3+0123456789abcd
  local -r dashes="${KUBE_GIT_VERSION//[^-]/}"
  if [[ "${dashes}" == "---" ]]; then
    KUBE_GIT_VERSION=$(echo "${KUBE_GIT_VERSION}" | sed "s/-\([0-9]\{1,\}\)-g\([0-9a-f]\{14\}\)$/.\1\+\2/")
  elif [[ "${dashes}" == "--" ]]; then
    KUBE_GIT_VERSION=$(echo "${KUBE_GIT_VERSION}" | sed "s/-g\([0-9a-f]\{14\}\)$/+\1/")
  fi
  if [[ "${KUBE_GIT_TREE_STATE}" == "dirty" ]]; then
    KUBE_GIT_VERSION+="-dirty"
  fi

  if [[ "${KUBE_GIT_VERSION}" =~ ^v([0-9]+)\.([0-9]+)(\.[0-9]+)?([-].*)?([+].*)?$ ]]; then
    KUBE_GIT_MAJOR="${BASH_REMATCH[1]}"
    KUBE_GIT_MINOR="${BASH_REMATCH[2]}"
    if [[ -n "${BASH_REMATCH[4]}" ]]; then
      KUBE_GIT_MINOR+="+"
    fi
  fi

  if ! [[ "${KUBE_GIT_VERSION}" =~ ^v([0-9]+)\.([0-9]+)(\.[0-9]+)?(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$ ]]; then
    # To stderr: stdout becomes the linker's flags.
    echo "KUBE_GIT_VERSION should be a valid Semantic Version. Current value: ${KUBE_GIT_VERSION}" >&2
    echo "Please see more details here: https://semver.org" >&2
    exit 1
  fi
}

kube::version::save_version_vars() {
  cat >"${1}" <<VARS
KUBE_GIT_COMMIT='${KUBE_GIT_COMMIT-}'
KUBE_GIT_TREE_STATE='${KUBE_GIT_TREE_STATE-}'
KUBE_GIT_VERSION='${KUBE_GIT_VERSION-}'
KUBE_GIT_MAJOR='${KUBE_GIT_MAJOR-}'
KUBE_GIT_MINOR='${KUBE_GIT_MINOR-}'
VARS
}

kube::version::load_version_vars() {
  # shellcheck disable=SC1090
  source "${1}"
}

kube::version::ldflag() {
  echo "-X 'k8s.io/component-base/version.${1}=${2}'"
}

# The linker's flags that put the version into a binary. What is not known is left
# out; the binary then says what base.go says.
kube::version::ldflags() {
  kube::version::get_version_vars

  local date_args=()
  [[ -z "${SOURCE_DATE_EPOCH-}" ]] || date_args=("--date=@${SOURCE_DATE_EPOCH}")

  kube::version::ldflag buildDate "$(date ${date_args[@]+"${date_args[@]}"} -u +'%Y-%m-%dT%H:%M:%SZ')"
  if [[ -n "${KUBE_GIT_COMMIT-}" ]]; then
    kube::version::ldflag gitCommit "${KUBE_GIT_COMMIT}"
    kube::version::ldflag gitTreeState "${KUBE_GIT_TREE_STATE}"
  fi
  if [[ -n "${KUBE_GIT_VERSION-}" ]]; then
    kube::version::ldflag gitVersion "${KUBE_GIT_VERSION}"
  fi
  if [[ -n "${KUBE_GIT_MAJOR-}" && -n "${KUBE_GIT_MINOR-}" ]]; then
    kube::version::ldflag gitMajor "${KUBE_GIT_MAJOR}"
    kube::version::ldflag gitMinor "${KUBE_GIT_MINOR}"
  fi
}
