// SPDX-License-Identifier: Apache-2.0

// Command kubeadm bootstraps a cluster.
package main

import (
	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/pkg/kubeadm/cmd"
)

func main() {
	cli.Run("kubeadm", cmd.Run)
}
