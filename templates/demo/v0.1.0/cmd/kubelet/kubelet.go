// SPDX-License-Identifier: Apache-2.0

// Command kubelet describes the machine that it runs on.
package main

import (
	"io"
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/pkg/kubelet"
	"k8s.io/kubernetes/pkg/printers"
)

func main() {
	cli.Run("kubelet", run)
}

func run(args []string, stdout io.Writer) error {
	flags := cli.NewFlagSet("kubelet")
	printVersion := cli.AddVersionFlag(flags)
	name := flags.String("hostname-override", "", "name of the node (default: the name of the host)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if printVersion(stdout) {
		return nil
	}

	if *name == "" {
		host, err := os.Hostname()
		if err != nil {
			return err
		}
		*name = host
	}
	node, err := kubelet.Node(*name)
	if err != nil {
		return err
	}
	return printers.JSON(stdout, node)
}
