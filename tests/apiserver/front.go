package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"
)

// startFront answers plain HTTP on a free port of loopback, as `kubectl proxy` does, and tells its address once the
// server behind it is ready: no client needs to know of certificates and tokens.
func startFront(server *apiServer) (string, error) {
	target := &url.URL{Scheme: "https", Host: server.address}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	// The certificate was made by this process a moment ago, and the connection stays on loopback.
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	transport.ForceAttemptHTTP2 = false
	transport.MaxIdleConnsPerHost = 64
	front := &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1,
		Rewrite: func(request *httputil.ProxyRequest) {
			request.SetURL(target)
			request.Out.Header.Set("Authorization", "Bearer "+server.token)
		},
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() { server.failed <- http.Serve(listener, front) }()
	address := "http://" + listener.Addr().String()
	return address, waitUntilReady(address, server)
}

func waitUntilReady(address string, server *apiServer) error {
	deadline := time.After(5 * time.Minute)
	for {
		answer, err := http.Get(address + "/readyz")
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-server.failed:
			return fmt.Errorf("kube-apiserver ended: %w", err)
		case <-deadline:
			return fmt.Errorf("kube-apiserver was not ready within five minutes")
		case <-time.After(50 * time.Millisecond):
		}
	}
}
