package client

import (
	"context"
	"net/http"
	"sync"

	"github.com/parleychat/parley/protocol"
)

// TokenSource gives the access token to connect with. It is asked before each
// connection, and once more when the server did not take the last one or that
// is about to end: refused is that one, else empty. The same token again then
// ends the client; so does a *[Refused] that is final or unauthorized. Any other
// error counts as a server that cannot be reached.
type TokenSource func(ctx context.Context, refused string) (string, error)

// Token is a source for somebody who has a token and nothing to get another
// one with.
func Token(token string) TokenSource {
	return func(context.Context, string) (string, error) { return token, nil }
}

// Password is a source that signs in at the server, and again when the token
// ends.
func Password(url, email, password string) TokenSource {
	var mu sync.Mutex
	var token string
	return func(ctx context.Context, refused string) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		if token != "" && token != refused {
			return token, nil
		}
		var in protocol.SignedIn
		err := call(ctx, http.DefaultClient, request{
			method: http.MethodPost, url: url + "/api/v1/login",
			body: protocol.Credentials{Email: email, Password: password},
		}, &in)
		if err != nil {
			return "", err
		}
		token = in.Token
		return token, nil
	}
}

// Register makes an account on the server. An address that is taken is refused
// with the code conflict.
func Register(ctx context.Context, url, email, password string) error {
	return call(ctx, http.DefaultClient, request{
		method: http.MethodPost, url: url + "/api/v1/register",
		body: protocol.Credentials{Email: email, Password: password},
	}, nil)
}
