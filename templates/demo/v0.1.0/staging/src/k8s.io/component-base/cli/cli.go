// SPDX-License-Identifier: Apache-2.0

// Package cli is what all commands have in common: flags, errors, the exit code.
package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"k8s.io/component-base/version"
)

// Run calls run with the command's arguments and ends the process.
func Run(name string, run func(args []string, stdout io.Writer) error) {
	err := run(os.Args[1:], os.Stdout)
	switch {
	case err == nil:
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	default:
		fmt.Fprintf(os.Stderr, "%s: error: %v\n", name, err)
		os.Exit(1)
	}
}

// NewFlagSet returns a set of flags that reports errors instead of ending the process.
func NewFlagSet(name string) *flag.FlagSet {
	return flag.NewFlagSet(name, flag.ContinueOnError)
}

// AddVersionFlag adds --version. The function that it returns prints the version
// if the flag was given, and says whether it was.
func AddVersionFlag(flags *flag.FlagSet) func(stdout io.Writer) bool {
	requested := flags.Bool("version", false, "print the version and exit")
	return func(stdout io.Writer) bool {
		if *requested {
			fmt.Fprintf(stdout, "Kubernetes %s\n", version.Get())
		}
		return *requested
	}
}
