//go:build unix

package services

import (
	"net"
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// SecureRedis is a Redis of this test alone that speaks TLS at a second port.
type SecureRedis struct {
	*Redis
	addr      string
	Authority string // file with the certificate of the authority that has signed the server's
}

// PrivateSecureRedis is PrivateRedis over TLS. A Redis that was built without
// TLS fails the test.
func PrivateSecureRedis(t testing.TB) *SecureRedis {
	t.Helper()
	secrets, err := makeSecrets()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(secrets); err != nil {
			t.Error(err)
		}
	})
	addr, err := FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	pair := filepath.Join(secrets, brokerFile)
	r := PrivateRedis(t, "--tls-port", port, "--tls-cert-file", pair, "--tls-key-file", pair,
		"--tls-ca-cert-file", filepath.Join(secrets, authorityFile), "--tls-auth-clients", "no")
	return &SecureRedis{Redis: r, addr: addr, Authority: filepath.Join(secrets, authorityFile)}
}

// URLAs is the address over TLS for an account.
func (r *SecureRedis) URLAs(account Account) string {
	address := url.URL{Scheme: "rediss", User: url.UserPassword(account.User, account.Password), Host: r.addr}
	return address.String()
}
