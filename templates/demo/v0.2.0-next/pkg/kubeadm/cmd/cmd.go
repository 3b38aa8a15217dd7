// SPDX-License-Identifier: Apache-2.0

// Package cmd is kubeadm without its main function.
package cmd

import (
	"fmt"
	"io"

	"k8s.io/component-base/cli"
	"k8s.io/component-base/version"
	"k8s.io/kubernetes/pkg/printers"
)

const usage = `kubeadm bootstraps a cluster. This miniature knows its version only.

Usage:
  kubeadm version [-o short|json]`

// Run carries out one kubeadm command.
func Run(args []string, stdout io.Writer) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" {
		fmt.Fprintln(stdout, usage)
		return nil
	}
	if args[0] != "version" {
		return fmt.Errorf("unknown command %q for \"kubeadm\"", args[0])
	}

	flags := cli.NewFlagSet("version")
	var output string
	flags.StringVar(&output, "output", "", "one of: short, json")
	flags.StringVar(&output, "o", "", "one of: short, json")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if flags.NArg() != 0 {
		return fmt.Errorf("unknown argument %q", flags.Arg(0))
	}

	info := version.Get()
	switch output {
	case "":
		fmt.Fprintf(stdout, "kubeadm version: %#v\n", info)
	case "short":
		fmt.Fprintln(stdout, info)
	case "json":
		return printers.JSON(stdout, map[string]version.Info{"clientVersion": info})
	default:
		return fmt.Errorf("invalid output format: %s", output)
	}
	return nil
}
