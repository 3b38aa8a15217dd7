#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0

# What was generated here is part of the tree now.

echo "'make generated_files' is deprecated.  Please use hack/update-codegen.sh instead." >&2
exit 1
