package server

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"

	"github.com/parleychat/parley/api"
	"github.com/parleychat/parley/presence"
	"github.com/parleychat/parley/store"
)

// RedisURL is an address that may have a password in it. Printed, it has ***
// there.
type RedisURL string

// String is the address for people to see.
func (u RedisURL) String() string { return store.RedactURL(string(u)) }

// MarshalText implements [encoding.TextMarshaler], for logs and listings.
func (u RedisURL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// errRedisURL says nothing of what it refuses: there may be a password in it.
var errRedisURL = errors.New("write redis://host:port, redis://user:password@host:port or, encrypted, rediss://…; a number behind the address, such as /1, names one of its databases. Escape what is special in a password: @ is %40")

func (c *Config) checkRedis() error {
	if c.Redis == "" {
		return nil
	}
	if _, err := c.Redis.option(); err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	return nil
}

const (
	// redisDialTime is how long a connection may take, and redisAnswerTime an
	// answer on it: then the connection is given up.
	redisDialTime   = 2 * time.Second
	redisAnswerTime = 3 * time.Second
	// redisBuffer is of each connection and direction.
	redisBuffer = 64 << 10
)

// option says how the server is reached.
func (u RedisURL) option() (rueidis.ClientOption, error) {
	address, err := url.Parse(string(u))
	if err != nil || address.Host == "" || address.Scheme != "redis" && address.Scheme != "rediss" || address.RawQuery != "" || address.Fragment != "" {
		return rueidis.ClientOption{}, errRedisURL
	}
	if number := strings.Trim(address.Path, "/"); number != "" {
		if _, err := strconv.ParseUint(number, 10, 16); err != nil {
			return rueidis.ClientOption{}, errRedisURL
		}
	}
	address.Path = strings.TrimSuffix(address.Path, "/")
	option, err := rueidis.ParseURL(address.String())
	if err != nil {
		return rueidis.ClientOption{}, errRedisURL
	}
	option.ClientName = "parley"
	// One server, also behind an address that moves to another one. A client
	// of such can be made while it is away.
	option.ForceSingleClient = true
	// Who asks decides how long to wait, and whether to ask again.
	option.DisableRetry = true
	option.DisableCache = true
	option.Dialer.Timeout = redisDialTime
	option.ConnWriteTimeout = redisAnswerTime
	option.PipelineMultiplex = -1 // one connection for all commands, one for what is told
	option.ReadBufferEachConn, option.WriteBufferEachConn = redisBuffer, redisBuffer
	return option, nil
}

// ping asks the server whether it is there.
func (u RedisURL) ping(ctx context.Context) error {
	option, err := u.option()
	if err != nil {
		return err
	}
	client, err := rueidis.NewClient(option)
	if client == nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, redisAnswerTime)
	defer cancel()
	return client.Do(ctx, client.B().Ping().Build()).Error()
}

// openRedis makes the client of Redis, if there is to be one. A Redis that is
// away is no reason not to start.
func (s *Server) openRedis(ctx context.Context) error {
	if s.cfg.Redis == "" {
		return nil
	}
	option, err := s.cfg.Redis.option()
	if err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	client, err := rueidis.NewClient(option)
	if client == nil {
		return fmt.Errorf("redis %s: %w", s.cfg.Redis, err)
	}
	if err != nil {
		s.logger.WarnContext(ctx, "starting without Redis, which does not answer; it is used as soon as it does",
			slog.String("redis", s.cfg.Redis.String()), slog.Any("error", err))
	}
	s.redis = timedRedis{client, s.metrics.redis, s.metrics.noRedis}
	return nil
}

// redisPrefix begins the name of everything in Redis. Servers that share a
// database have the same one, and no others: many may use one Redis. It is made
// of nothing that people write, so no name of a room can be that of a key.
func redisPrefix(macKey []byte) string {
	mac := hmac.New(sha256.New, macKey)
	mac.Write([]byte("names in redis"))
	return "parley:" + hex.EncodeToString(mac.Sum(nil)[:8]) + ":"
}

// buildPresence makes the presence: in Redis if there is one, else in memory.
func (s *Server) buildPresence(macKey []byte) {
	if s.redis == nil {
		s.presence = presence.NewMemory(s.seams.Now)
		return
	}
	s.shared = presence.NewRedis(presence.RedisConfig{
		Client: s.redis,
		Prefix: redisPrefix(macKey),
		Logger: s.logger,
		Now:    s.seams.Now,
	})
	s.presence = s.shared
}

// sharePresence keeps presence and Redis in step.
func (s *Server) sharePresence(ctx context.Context) error {
	if s.shared == nil {
		return nil
	}
	return s.shared.Run(ctx)
}

// presenceCheck says in words for everybody what presence rests on. Nobody stops
// being served when Redis is away.
func (s *Server) presenceCheck() api.Check {
	check := api.Check{Name: "presence"}
	switch {
	case s.shared == nil && s.control == nil:
		return check
	case s.shared == nil:
		check.Note = "each server knows its own people only; give all of them the same --redis"
		return check
	}
	others, err := s.shared.Others()
	switch {
	case err != nil && others > 0:
		check.Note = "degraded: Redis does not answer; who is online on other servers is what was heard last"
	case err != nil:
		check.Note = "degraded: Redis does not answer; people on other servers are shown as offline"
	default:
		check.Note = fmt.Sprintf("ok, shared over Redis with %d other servers", others)
	}
	check.Cause = err
	return check
}
