#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Messages. Each has a level in V (0 without one) and appears if KUBE_VERBOSE is at least that.

KUBE_VERBOSE="${KUBE_VERBOSE:-2}"

kube::log::timestamp() {
  date +"[%m%d %H:%M:%S]"
}

# A step begins.
kube::log::status() {
  (( KUBE_VERBOSE >= ${V:-0} )) || return 0
  local message
  echo "+++ $(kube::log::timestamp) ${1}"
  shift
  for message; do
    echo "    ${message}"
  done
}

kube::log::info() {
  (( KUBE_VERBOSE >= ${V:-0} )) || return 0
  local message
  for message; do
    echo "${message}"
  done
}

kube::log::error() {
  local message
  echo "!!! $(kube::log::timestamp) ${1}" >&2
  shift
  for message; do
    echo "    ${message}" >&2
  done
}

# How to use something, from standard input.
kube::log::usage_from_stdin() {
  echo >&2
  cat >&2
  echo >&2
}

kube::log::error_exit() {
  kube::log::error "${1:-}" "Exiting with status ${2:-1}"
  exit "${2:-1}"
}

# Say where a script failed, not only that it did.
kube::log::install_errexit() {
  trap 'kube::log::errexit' ERR
  # Functions and subshells, too.
  set -o errtrace
}

kube::log::errexit() {
  local status=$? i
  set +o errtrace
  kube::log::error "Call tree:"
  for (( i = 1; i < ${#FUNCNAME[@]}; i++ )); do
    kube::log::error " ${i}: ${BASH_SOURCE[i]}:${BASH_LINENO[i - 1]} ${FUNCNAME[i]}(...)"
  done
  exit "${status}"
}
