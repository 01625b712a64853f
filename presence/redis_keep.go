package presence

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"github.com/parleychat/parley/chat"
)

const (
	// redisTime bounds one answer of Redis. A node that waits longer is cut off.
	redisTime = 2 * time.Second
	// retry is how long a node waits before it asks a Redis again that did not
	// answer.
	retry = 500 * time.Millisecond
	// breath is the least time between two rounds: what happens meanwhile goes
	// into one message.
	breath = 20 * time.Millisecond
	// anewAfter is after how many beats a node writes its hash anew, though
	// nothing seems to be wrong with it: a hand may have changed it.
	anewAfter = 20
)

// versionField is the field of a node's hash that says which version it is. All
// others are numbers of people, with choicePrefix before them or without.
const (
	versionField = "v"
	choicePrefix = "s"
)

// tellScript changes a node's hash and tells it.
//
//	KEYS  1 the node's hash, 2 the set of nodes, 3 the channel
//	ARGV  1 the node, 2 its lease in ms, 3 the version that is to be changed, ""
//	      to write everything anew, 4 the new version, 5 the news, then each
//	      field and its value, 0 to remove it
//
// It answers 0, and does nothing, when the hash is not what is to be changed.
var tellScript = rueidis.NewLuaScript(`
if ARGV[3] == '' then
	redis.call('DEL', KEYS[1])
elseif redis.pcall('HGET', KEYS[1], 'v') ~= ARGV[3] then
	return 0
end
for i = 6, #ARGV, 2 do
	if ARGV[i + 1] == '0' then
		redis.call('HDEL', KEYS[1], ARGV[i])
	else
		redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
	end
end
redis.call('HSET', KEYS[1], 'v', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local kind = redis.call('TYPE', KEYS[2]).ok
if kind ~= 'set' then redis.call('DEL', KEYS[2]) end
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('PUBLISH', KEYS[3], ARGV[5])
return 1
`)

// lookScript renews the lease of this node's hash, if it is the right one, and
// lists the nodes that are there.
//
//	KEYS  1 the node's hash, 2 the set of nodes
//	ARGV  1 its lease in ms, 2 its version, 3 what the names of hashes begin with
//
// It answers the version of the own hash ("" if there is none), and for each
// node its name, the version of its hash and how many ms its lease still lasts.
// A hash that would stay for ever, as only a hand can make it, gets a lease.
var lookScript = rueidis.NewLuaScript(`
local own = redis.pcall('HGET', KEYS[1], 'v')
if type(own) ~= 'string' then own = '' end
if own == ARGV[2] then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
local answer = {own}
local nodes = redis.pcall('SMEMBERS', KEYS[2])
if nodes.err then return answer end
for _, name in ipairs(nodes) do
	local key = ARGV[3] .. name
	local version = redis.pcall('HGET', key, 'v')
	if type(version) == 'string' then
		local left = redis.call('PTTL', key)
		if left < 0 then
			left = tonumber(ARGV[1])
			redis.call('PEXPIRE', key, left)
		end
		table.insert(answer, name)
		table.insert(answer, version)
		table.insert(answer, tostring(left))
	else
		redis.call('SREM', KEYS[2], name)
	end
end
return answer
`)

// goodbyeScript takes a node out: KEYS and ARGV begin as those of tellScript,
// ARGV 2 is the news.
var goodbyeScript = rueidis.NewLuaScript(`
redis.call('DEL', KEYS[1])
redis.pcall('SREM', KEYS[2], ARGV[1])
redis.call('PUBLISH', KEYS[3], ARGV[2])
return 1
`)

func (r *Redis) key(name string) string { return r.cfg.Prefix + "presence:" + name }

func (r *Redis) nodeKey(name string) string { return r.key("node:" + name) }

// keys are those that scripts get.
func (r *Redis) keys() []string {
	return []string{r.nodeKey(r.node), r.key("nodes"), r.key("news")}
}

func (r *Redis) leaseText() string { return strconv.FormatInt(r.cfg.Lease.Milliseconds(), 10) }

// keep writes what changes on this node and looks at the others, until ctx
// ends.
func (r *Redis) keep(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
		case <-timer.C:
		}
		next := r.round(ctx)
		sleep(ctx, breath)
		timer.Reset(next)
	}
}

// round does what is to be done, and says when the next one is due if nothing
// happens before.
func (r *Redis) round(ctx context.Context) (next time.Duration) {
	err := r.bringUpToDate(ctx)
	if ctx.Err() != nil {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.judge(ctx, err)
	if err != nil {
		r.lookAt = time.Time{}
		return retry
	}
	return time.Until(r.lookAt)
}

// judge takes note of whether Redis answers. When it has not for a lease, what
// is known of other nodes is worth nothing any more. r.mu is held.
func (r *Redis) judge(ctx context.Context, err error) {
	switch {
	case err == nil && r.err != nil:
		r.logger.InfoContext(ctx, "presence is shared over Redis", slog.Int("other_nodes", len(r.others)))
	case err != nil && (r.err == nil || errors.Is(r.err, errNever)):
		r.logger.WarnContext(ctx, "Redis does not answer; people on other nodes will be shown as offline", slog.Any("error", err))
	}
	r.err = err
	if err != nil && time.Since(r.looked) > r.cfg.Lease {
		for name := range r.others {
			r.know(name, nil)
		}
	}
}

// bringUpToDate writes what has changed here, and looks at the others if it is
// time. If the look finds that Redis has not what it was told, it is told anew;
// a Redis that forgets that as well has to wait for the next beat.
func (r *Redis) bringUpToDate(ctx context.Context) error {
	for range 3 {
		if err := r.tell(ctx); err != nil {
			return fmt.Errorf("tell presence: %w", err)
		}
		if !r.mustLook() {
			return nil
		}
		if err := r.look(ctx); err != nil {
			return fmt.Errorf("look at the presence of other nodes: %w", err)
		}
	}
	return nil
}

func (r *Redis) mustLook() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.intact || !time.Now().Before(r.lookAt)
}

// tell writes what has changed on this node since it was last told, or
// everything, when Redis may have something else than what was told.
func (r *Redis) tell(ctx context.Context) error {
	r.mu.Lock()
	if r.intact && len(r.changed) == 0 {
		r.mu.Unlock()
		return nil
	}
	whole := !r.intact
	told := news{Node: r.node, From: r.version, To: r.version + 1,
		Sockets: make(map[chat.UserID]int), Choices: make(map[chat.UserID]choiceText)}
	from := strconv.FormatUint(r.version, 10)
	if whole {
		for user, has := range r.own {
			told.add(user, has)
		}
		from = ""
	} else {
		for user := range r.changed {
			told.add(user, r.own[user])
		}
	}
	clear(r.changed)
	// Whatever becomes of this version, it has been used.
	r.version, r.intact = told.To, false
	r.mu.Unlock()

	message := told
	if whole {
		message.From, message.Sockets, message.Choices = 0, nil, nil
	}
	args := []string{r.node, r.leaseText(), from, strconv.FormatUint(told.To, 10), message.encode()}
	for user, n := range told.Sockets {
		field := strconv.FormatInt(int64(user), 10)
		args = append(args, field, strconv.Itoa(n))
		if choice, chosen := told.Choices[user]; chosen {
			args = append(args, choicePrefix+field, string(choice))
		} else if !whole {
			args = append(args, choicePrefix+field, "0")
		}
	}
	ctx, cancel := context.WithTimeout(ctx, redisTime)
	defer cancel()
	done, err := tellScript.Exec(ctx, r.cfg.Client, r.keys(), args).AsBool()
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.intact = done
	return nil
}

// look renews the lease, and learns which other nodes are there and what they
// have. It finds out whether Redis still has what this node told.
func (r *Redis) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, redisTime)
	defer cancel()
	r.mu.Lock()
	version := strconv.FormatUint(r.version, 10)
	r.beats++
	anew := r.beats%anewAfter == 0
	r.lookAt = time.Now().Add(r.cfg.Lease * 3 / 10)
	r.mu.Unlock()
	answer, err := lookScript.Exec(ctx, r.cfg.Client, r.keys()[:2], []string{r.leaseText(), version, r.nodeKey("")}).AsStrSlice()
	if err != nil {
		return err
	}
	listed, err := r.readNodes(ctx, answer[1:])
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for name := range r.others {
		if !listed[name] {
			r.know(name, nil)
		}
	}
	r.intact = answer[0] == version && listed[r.node] && !anew
	r.looked = time.Now()
	return nil
}

// readNodes learns of the nodes of an answer: name, version and rest of the
// lease of each. It reads the hashes that have another version than is known.
func (r *Redis) readNodes(ctx context.Context, answer []string) (listed map[string]bool, err error) {
	listed = make(map[string]bool)
	for ; len(answer) >= 3; answer = answer[3:] {
		name := answer[0]
		listed[name] = true
		if name == r.node {
			continue
		}
		left, _ := strconv.ParseInt(answer[2], 10, 64)
		known, differs := r.compare(name, answer[1], time.Duration(left)*time.Millisecond)
		if !differs {
			continue
		}
		fields, err := r.cfg.Client.Do(ctx, r.cfg.Client.B().Hgetall().Key(r.nodeKey(name)).Build()).AsStrMap()
		if err != nil {
			return nil, err
		}
		r.mu.Lock()
		if r.versionOf(name) == known {
			r.know(name, readNode(fields))
		} else {
			// News has come meanwhile, which may be newer than what was read.
			r.lookAt = time.Time{}
		}
		r.mu.Unlock()
	}
	return listed, nil
}

// compare compares a version in Redis with what is known of that node. It makes
// sure that this node looks again when the other's lease ends.
func (r *Redis) compare(name, version string, left time.Duration) (known uint64, differs bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if end := time.Now().Add(left + breath); end.Before(r.lookAt) {
		r.lookAt = end
	}
	known = r.versionOf(name)
	return known, known == 0 || version != strconv.FormatUint(known, 10)
}

// versionOf is the version that is known of a node, 0 when there is none. r.mu
// is held.
func (r *Redis) versionOf(name string) uint64 {
	if known := r.others[name]; known != nil {
		return known.version
	}
	return 0
}

// readNode understands a hash. What is none of ours in it is passed over.
func readNode(fields map[string]string) *node {
	read := &node{people: make(map[chat.UserID]counted)}
	read.version, _ = strconv.ParseUint(fields[versionField], 10, 64)
	for field, value := range fields {
		user, err := strconv.ParseInt(field, 10, 64)
		n, errN := strconv.Atoi(value)
		if err == nil && errN == nil && user > 0 && n > 0 {
			read.people[chat.UserID(user)] = counted{n, choiceText(fields[choicePrefix+field]).choice()}
		}
	}
	return read
}

// sayGoodbye takes this node out of Redis.
func (r *Redis) sayGoodbye(ctx context.Context) error {
	message := news{Node: r.node}.encode()
	return goodbyeScript.Exec(ctx, r.cfg.Client, r.keys(), []string{r.node, message}).Error()
}
