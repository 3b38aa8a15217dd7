#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# Prints the help of every target, its name in colour: this is why it needs TERM.

set -o errexit
set -o nounset
set -o pipefail

green=$(tput setaf 2)
reset=$(tput sgr0)

# make's database names the targets. Only there are those of cmd/ written out.
for target in $(make PRINT_HELP=y -rpn 2>/dev/null | sed -ne 's/^\.PHONY: //p' | tr ' ' '\n' | sort -u); do
  echo "---------------------------------------------------------------------------------"
  echo "${green}${target}${reset}"
  make --no-print-directory "${target}" PRINT_HELP=y
done
