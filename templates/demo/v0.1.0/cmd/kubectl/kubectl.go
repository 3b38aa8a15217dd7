// SPDX-License-Identifier: Apache-2.0

// Command kubectl talks to a cluster.
package main

import (
	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/pkg/kubectl/cmd"
)

func main() {
	cli.Run("kubectl", cmd.Run)
}
