package api

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// BehindProxies believes the proxies in these networks: of a request that comes
// from one, RemoteAddr becomes the address that X-Forwarded-For tells, and
// X-Forwarded-Proto tells whether it came over TLS. Everybody else may write
// into these headers what they like.
func BehindProxies(trusted []netip.Prefix, next http.Handler) http.Handler {
	if len(trusted) == 0 {
		return next
	}
	isTrusted := func(addr netip.Addr) bool {
		for _, prefix := range trusted {
			if prefix.Contains(addr) {
				return true
			}
		}
		return false
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer := RemoteAddr(r)
		if !isTrusted(peer) {
			next.ServeHTTP(w, r)
			return
		}
		secure := strings.EqualFold(lastField(r.Header.Values("X-Forwarded-Proto")), "https")
		r = r.WithContext(context.WithValue(r.Context(), secureKey{}, secure))
		if client := forwardedFor(r.Header.Values("X-Forwarded-For"), peer, isTrusted); client != peer {
			r.RemoteAddr = netip.AddrPortFrom(client, 0).String()
		}
		next.ServeHTTP(w, r)
	})
}

// RemoteAddr is the address that a request came from, the zero Addr when it is
// none.
func RemoteAddr(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap().WithZone("")
}

// maxHops bounds how many addresses of X-Forwarded-For are looked at.
const maxHops = 32

// forwardedFor walks from the nearest proxy towards the client and ends at the
// first address that is no trusted proxy: further left anybody can have written
// anything. It ends also at what is no address.
func forwardedFor(values []string, peer netip.Addr, isTrusted func(netip.Addr) bool) netip.Addr {
	rest := strings.Join(values, ",")
	for hop := 0; hop < maxHops && rest != "" && isTrusted(peer); hop++ {
		field := rest
		if comma := strings.LastIndexByte(rest, ','); comma >= 0 {
			rest, field = rest[:comma], rest[comma+1:]
		} else {
			rest = ""
		}
		addr, ok := forwardedAddr(strings.TrimSpace(field))
		if !ok {
			return peer
		}
		peer = addr
	}
	return peer
}

// forwardedAddr reads an address with or without a port.
func forwardedAddr(field string) (netip.Addr, bool) {
	if with, err := netip.ParseAddrPort(field); err == nil {
		return with.Addr().Unmap().WithZone(""), true
	}
	addr, err := netip.ParseAddr(strings.Trim(field, "[]"))
	return addr.Unmap().WithZone(""), err == nil
}

func lastField(values []string) string {
	if len(values) == 0 {
		return ""
	}
	last := values[len(values)-1]
	return strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
}

type secureKey struct{}

// OverTLS reports whether the client's connection is encrypted, as far as a
// trusted proxy or this server itself can tell.
func OverTLS(r *http.Request) bool {
	secure, _ := r.Context().Value(secureKey{}).(bool)
	return secure || r.TLS != nil
}
