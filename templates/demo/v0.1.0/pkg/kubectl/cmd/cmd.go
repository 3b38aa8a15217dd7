// SPDX-License-Identifier: Apache-2.0

// Package cmd is kubectl without its main function.
package cmd

import (
	"errors"
	"fmt"
	"io"

	"k8s.io/component-base/cli"
	"k8s.io/component-base/version"
	"k8s.io/kubernetes/pkg/printers"
)

const usage = `kubectl controls the Kubernetes cluster manager. This miniature knows its version only.

Usage:
  kubectl version --client [-o json]`

// Run carries out one kubectl command.
func Run(args []string, stdout io.Writer) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" {
		fmt.Fprintln(stdout, usage)
		return nil
	}
	if args[0] != "version" {
		return fmt.Errorf("unknown command %q for \"kubectl\"", args[0])
	}

	flags := cli.NewFlagSet("version")
	clientOnly := flags.Bool("client", false, "show the client's version only")
	var output string
	flags.StringVar(&output, "output", "", "one of: json")
	flags.StringVar(&output, "o", "", "one of: json")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}

	switch output {
	case "":
		fmt.Fprintf(stdout, "Client Version: %s\n", version.Get())
	case "json":
		object := map[string]version.Info{"clientVersion": version.Get()}
		if err := printers.JSON(stdout, object); err != nil {
			return err
		}
	default:
		return errors.New("--output must be 'json'")
	}
	if !*clientOnly {
		return errors.New("there is no server to ask: use --client")
	}
	return nil
}
