// A real API server for the tests, in one process with its store, on loopback only.
//
//	apiserver serve FOLDER    starts etcd and kube-apiserver with all their files in FOLDER
//	apiserver kubectl ...     is kubectl
//	apiserver documents       reads files as kubectl does: JSON strings on lines in, what they hold on lines out
//
// serve prints one line, the address of a plain HTTP front whose calls are an administrator's, once the server is
// ready. It stops when its standard input ends, and removes FOLDER: a test that is killed leaves nothing behind.
package main

import (
	"fmt"
	"io"
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
)

func main() {
	switch {
	case len(os.Args) == 3 && os.Args[1] == "serve":
		if err := serve(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, "error:", err)
			os.Exit(1)
		}
	case len(os.Args) > 2 && os.Args[1] == "kubectl":
		os.Args = os.Args[1:]
		os.Exit(cli.Run(cmd.NewDefaultKubectlCommand()))
	case len(os.Args) == 2 && os.Args[1] == "documents":
		if err := documents(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "error:", err)
			os.Exit(1)
		}
	default:
		fmt.Fprintln(os.Stderr, "usage: apiserver serve FOLDER | apiserver kubectl ... | apiserver documents")
		os.Exit(2)
	}
}

func serve(folder string) error {
	store, err := startStore(folder)
	if err != nil {
		return fmt.Errorf("etcd did not start: %w", err)
	}
	server, err := startServer(folder, store.Clients[0].Addr().String())
	if err != nil {
		return fmt.Errorf("kube-apiserver did not start: %w", err)
	}
	address, err := startFront(server)
	if err != nil {
		return fmt.Errorf("the HTTP front did not start: %w", err)
	}
	fmt.Println(address)
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	select {
	case err := <-server.failed:
		return fmt.Errorf("kube-apiserver ended: %w", err)
	case <-ended:
		// The graceful end of kube-apiserver takes a minute, and nothing that is in the folder is wanted any more;
		// but a store that still writes would make it anew.
		store.Close()
		return os.RemoveAll(folder)
	}
}
