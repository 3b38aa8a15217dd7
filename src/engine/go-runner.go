// A stand-in for upstream's go-runner (images/build/go-runner of kubernetes/release): it runs a command with its output
// redirected, and hands signals on.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

var (
	logFile        = flag.String("log-file", "", "If non-empty, save stdout to this file")
	alsoStdout     = flag.Bool("also-stdout", false, "with log-file, write to standard output as well")
	redirectStderr = flag.Bool("redirect-stderr", true, "treat stderr same as stdout")
)

func main() {
	flag.Parse()
	code, err := run(flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "go-runner:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

func run(argv []string) (int, error) {
	if len(argv) == 0 {
		return 0, fmt.Errorf("there is no command to run")
	}
	var out io.Writer = os.Stdout
	if *logFile != "" {
		file, err := os.OpenFile(*logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0644)
		if err != nil {
			return 0, err
		}
		defer file.Close()
		out = file
		if *alsoStdout {
			out = io.MultiWriter(file, os.Stdout)
		}
	}
	command := exec.Command(argv[0], argv[1:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, out, os.Stderr
	if *redirectStderr {
		command.Stderr = out
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if err := command.Start(); err != nil {
		return 0, err
	}
	go func() {
		for received := range signals {
			_ = command.Process.Signal(received)
		}
	}()
	err := command.Wait()
	if failed, ok := err.(*exec.ExitError); ok {
		if status, ok := failed.Sys().(syscall.WaitStatus); ok {
			if status.Signaled() {
				return 128 + int(status.Signal()), nil
			}
			return status.ExitStatus(), nil
		}
	}
	return 0, err
}
