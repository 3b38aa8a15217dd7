package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"path/filepath"

	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"

	"github.com/spf13/pflag"
)

// apiServer is a kube-apiserver that runs in this process.
type apiServer struct {
	// address is its host and port.
	address string
	// token is an administrator's.
	token string
	// failed tells why it ended.
	failed chan error
}

// startServer starts kube-apiserver on a free port of loopback; it is not ready yet.
func startServer(folder, store string) (*apiServer, error) {
	// The listener is made here and handed over, so that no other process can take the port in between.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	token, err := writeTokens(filepath.Join(folder, "tokens"))
	if err != nil {
		return nil, err
	}
	key := filepath.Join(folder, "service-accounts.key")
	if err := writeKey(key); err != nil {
		return nil, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	completed, err := complete(listener, []string{
		"--etcd-servers=http://" + store,
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", port),
		"--cert-dir=" + filepath.Join(folder, "certificates"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + key,
		"--service-account-signing-key-file=" + key,
		"--service-cluster-ip-range=10.96.0.0/24",
		"--authorization-mode=RBAC",
		"--token-auth-file=" + filepath.Join(folder, "tokens"),
		// There is no controller that would make the service accounts which it waits for.
		"--disable-admission-plugins=ServiceAccount",
	})
	if err != nil {
		return nil, err
	}
	server := &apiServer{address: listener.Addr().String(), token: token, failed: make(chan error, 1)}
	go func() { server.failed <- app.Run(context.Background(), completed) }()
	return server, nil
}

func complete(listener net.Listener, arguments []string) (options.CompletedOptions, error) {
	given := options.NewServerRunOptions()
	flags := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	flags.SetNormalizeFunc(cliflag.WordSepNormalizeFunc)
	sets := given.Flags()
	for _, name := range sets.Order {
		flags.AddFlagSet(sets.FlagSets[name])
	}
	if err := flags.Parse(arguments); err != nil {
		return options.CompletedOptions{}, err
	}
	given.SecureServing.Listener = listener
	if err := given.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return options.CompletedOptions{}, err
	}
	completed, err := given.Complete(context.Background())
	if err != nil {
		return options.CompletedOptions{}, err
	}
	if problems := completed.Validate(); len(problems) > 0 {
		return options.CompletedOptions{}, problems[0]
	}
	return completed, nil
}

func writeTokens(file string) (string, error) {
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		return "", err
	}
	token := hex.EncodeToString(random)
	return token, os.WriteFile(file, []byte(token+",admin,admin,system:masters\n"), 0o600)
}

func writeKey(file string) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	return os.WriteFile(file, pem.EncodeToMemory(block), 0o600)
}
