// SPDX-License-Identifier: Apache-2.0

// Package controlplane serves the API: its version, its health and the nodes.
package controlplane

import (
	"fmt"
	"net/http"

	"k8s.io/component-base/version"
	"k8s.io/kubernetes/pkg/printers"
	"k8s.io/kubernetes/pkg/registry"
)

// NewHandler serves the nodes of a registry.
func NewHandler(nodes *registry.Nodes) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/version", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, version.Get())
	})
	mux.HandleFunc("/api/v1/nodes", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, nodes.List())
	})
	for _, path := range []string{"/livez", "/readyz", "/healthz"} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "ok")
		})
	}
	return mux
}

func writeJSON(w http.ResponseWriter, object interface{}) {
	w.Header().Set("Content-Type", "application/json")
	if err := printers.JSON(w, object); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
