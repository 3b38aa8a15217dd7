// SPDX-License-Identifier: Apache-2.0

// Command kube-apiserver serves the API over plain HTTP.
package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"k8s.io/component-base/cli"
	"k8s.io/component-base/logs"
	"k8s.io/component-base/version"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/controlplane"
	"k8s.io/kubernetes/pkg/registry"
)

func main() {
	cli.Run("kube-apiserver", run)
}

func run(args []string, stdout io.Writer) error {
	flags := cli.NewFlagSet("kube-apiserver")
	printVersion := cli.AddVersionFlag(flags)
	address := flags.String("bind-address", "127.0.0.1", "address to listen on")
	port := flags.String("port", "8080", "port to listen on, 0 for any")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if printVersion(stdout) {
		return nil
	}

	nodes := registry.NewNodes()
	if err := nodes.Create(core.NewNode("miniature")); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(*address, *port))
	if err != nil {
		return err
	}
	logger := logs.New(os.Stderr)
	logger.Info("Serving", "version", version.Get(), "address", listener.Addr())

	server := &http.Server{Handler: controlplane.NewHandler(nodes), ReadHeaderTimeout: 10 * time.Second}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	done := make(chan error, 1)
	go func() {
		<-ctx.Done()
		logger.Info("Shutting down")
		patience, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		done <- server.Shutdown(patience)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-done
}
