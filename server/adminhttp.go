package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"
)

// adminHTTP answers the operator's tools, on an address of their own: numbers
// for Prometheus and profiles of the process. Nothing there asks who somebody
// is: who reaches the address sees it.
type adminHTTP struct {
	listener net.Listener
	server   *http.Server
}

// listenAdmin binds the operator's address, if there is one.
func (s *Server) listenAdmin(ctx context.Context) error {
	if s.cfg.AdminListen == "" {
		return nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.cfg.AdminListen)
	if err != nil {
		return fmt.Errorf("admin-listen: %w (another program may use this address; choose one with --admin-listen)", err)
	}
	if !listensLocally(listener.Addr().String()) {
		s.logger.WarnContext(ctx, "metrics and profiles are open to whoever reaches this address; let a firewall see to it, or listen on 127.0.0.1",
			slog.String("admin-listen", listener.Addr().String()))
	}
	s.tools = &adminHTTP{listener: listener, server: &http.Server{
		Handler:           s.adminRoutes(),
		MaxHeaderBytes:    maxHeaderBytes,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       requestTime,
		IdleTimeout:       idleTime,
		ErrorLog:          slog.NewLogLogger(s.logger.Handler(), slog.LevelWarn),
	}}
	return nil
}

func (s *Server) adminRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics.handler())
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

// serveAdmin answers on the operator's address until ctx ends. Without it the
// server goes on.
func (s *Server) serveAdmin(ctx context.Context) error {
	if s.tools == nil {
		return nil
	}
	stopped := context.AfterFunc(ctx, func() { _ = s.tools.server.Close() })
	defer stopped()
	err := s.tools.server.Serve(s.tools.listener)
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		s.logger.ErrorContext(ctx, "nothing answers on the operator's address any more", slog.Any("error", err))
	}
	return nil
}

// AdminURL is where the operator's tools reach the server; "" when nowhere.
func (s *Server) AdminURL() string {
	if s.tools == nil {
		return ""
	}
	return "http://" + s.tools.listener.Addr().String()
}

// closeAdmin gives the operator's address back.
func (s *Server) closeAdmin() error {
	if s.tools == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := errors.Join(s.tools.server.Shutdown(ctx), s.tools.listener.Close())
	if errors.Is(err, net.ErrClosed) {
		return nil // serveAdmin has closed it
	}
	return err
}
