package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/parleychat/parley/admin"
)

// Level says how a finding is meant.
type Level string

const (
	LevelOK   Level = "ok"
	LevelWarn Level = "warn" // works, but look at it
	LevelFail Level = "fail" // does not work, or not for long
)

// Finding is one thing that [Doctor] has looked at.
type Finding struct {
	Check string `json:"check"`
	Level Level  `json:"level"`
	Text  string `json:"text"`
	// Do says what to do, if anything.
	Do string `json:"do,omitempty"`
}

// Doctor looks at a configuration, at the machine, at the data and, if one
// runs, at the server, and tells what it finds, one thing after the other. It
// changes nothing. The configuration need not be valid.
func Doctor(ctx context.Context, cfg Config, tell func(Finding)) {
	d := doctor{ctx: ctx, cfg: cfg, tell: tell, now: time.Now}
	d.run()
}

// run looks at everything in order.
func (d *doctor) run() {
	if d.cfg.NodeID == "" {
		d.cfg.NodeID = "doctor"
	}
	d.configuration()
	d.exposure()
	there := d.directory()
	d.disk()
	d.redis()
	status := (*Status)(nil)
	if there {
		status = d.data()
	}
	d.clock(status)
	d.descriptors(status)
	d.server(status)
	d.address(status)
}

type doctor struct {
	ctx  context.Context
	cfg  Config
	tell func(Finding)
	now  func() time.Time
}

func (d *doctor) ok(check, format string, args ...any) {
	d.tell(Finding{Check: check, Level: LevelOK, Text: fmt.Sprintf(format, args...)})
}

func (d *doctor) warn(check, text, do string) {
	d.tell(Finding{Check: check, Level: LevelWarn, Text: text, Do: do})
}

func (d *doctor) fail(check, text, do string) {
	d.tell(Finding{Check: check, Level: LevelFail, Text: text, Do: do})
}

func (d *doctor) configuration() {
	cfg, err := d.cfg.withSecrets(d.ctx)
	if d.cfg = cfg; err == nil {
		err = cfg.Validate()
	}
	if err != nil {
		d.fail("configuration", strings.ReplaceAll(err.Error(), "\n", "; "), "correct it; `parley config print` shows where each value comes from")
		return
	}
	d.ok("configuration", "valid")
}

// exposure looks at who can reach the server, and whom it believes.
func (d *doctor) exposure() {
	const check = "network"
	if admin := d.cfg.AdminListen; admin != "" && !listensLocally(admin) {
		d.warn(check, fmt.Sprintf("metrics and profiles are on %s: whoever reaches that address sees them, and can make the server work for profiles", admin), "listen on 127.0.0.1, or on an address that only your tools reach")
	}
	for _, proxy := range d.cfg.TrustProxy {
		if proxy.Bits() == 0 {
			d.fail(check, fmt.Sprintf("trust-proxy %s believes everybody what they say of their address: nobody can be limited by it", proxy), "name the proxy's own address")
			return
		}
	}
	public, err := url.Parse(d.cfg.PublicURL)
	https := err == nil && public.Scheme == "https"
	local := listensLocally(d.cfg.Listen)
	switch {
	case https && len(d.cfg.TrustProxy) == 0:
		d.warn(check, "public-url is https, so a proxy stands in front, but trust-proxy is empty: all people seem to have the proxy's address, and are limited together", "set trust-proxy to the proxy's address")
	case https && !local:
		d.warn(check, fmt.Sprintf("the server listens on %s beside the proxy: whoever reaches that address sends passwords in the clear", d.cfg.Listen), "listen on an address that only the proxy reaches, such as 127.0.0.1:3000, or see to it with a firewall")
	case !https && !local:
		d.warn(check, fmt.Sprintf("the server listens on %s without HTTPS: passwords and messages go in the clear", d.cfg.Listen), "put a proxy with HTTPS in front and set public-url and trust-proxy, or listen on 127.0.0.1")
	case https:
		d.ok(check, "behind a proxy at %s", d.cfg.PublicURL)
	default:
		d.ok(check, "reachable from this machine alone, at %s", d.cfg.Listen)
	}
}

func listensLocally(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// directory looks at the data directory, and reports whether a server has used
// it.
func (d *doctor) directory() (there bool) {
	const check = "data directory"
	info, err := os.Stat(d.cfg.Data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.ok(check, "%s is not there yet; the first start makes it", d.cfg.Data)
		return false
	case err != nil:
		d.fail(check, err.Error(), "run this as the user that the server runs as")
		return false
	case !info.IsDir():
		d.fail(check, d.cfg.Data+" is no directory", "name the data directory with --data")
		return false
	}
	entries, err := os.ReadDir(d.cfg.Data)
	if err != nil {
		d.fail(check, err.Error(), "run this as the user that the server runs as, or give it the directory")
		return false
	}
	if err := writable(d.cfg.Data); err != nil {
		d.fail(check, fmt.Sprintf("this user cannot write to %s: %v", d.cfg.Data, err), "run this as the user that the server runs as, or give it the directory")
		return false
	}
	if open := info.Mode().Perm() & 0o077; open != 0 && modesMatter {
		d.warn(check, fmt.Sprintf("others may look into %s, it has mode %s", d.cfg.Data, info.Mode().Perm()), "chmod 700 "+d.cfg.Data)
	} else {
		d.ok(check, "%s", d.cfg.Data)
	}
	return slices.ContainsFunc(entries, func(entry fs.DirEntry) bool { return entry.Name() == logFile })
}

func writable(dir string) error {
	file, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// How much room there should be: below the first bound soon nobody can send.
const (
	littleSpace = 256 << 20
	enoughSpace = 2 << 30
	fewFiles    = 1000
)

func (d *doctor) disk() {
	const check = "disk"
	dir := existingParent(d.cfg.Data)
	bytes, files, err := freeSpace(dir)
	if err != nil {
		d.ok(check, "free space is not known: %v", err)
		return
	}
	text := fmt.Sprintf("%.1f GiB are free at %s", float64(bytes)/(1<<30), dir)
	const do = "free some, or move the data directory to a larger disk; on a full disk sending is refused until there is space"
	switch {
	case bytes < littleSpace:
		d.fail(check, text, do)
	case bytes < enoughSpace:
		d.warn(check, text, do)
	case files > 0 && files < fewFiles:
		d.warn(check, fmt.Sprintf("%d more files fit on the disk of %s", files, dir), do)
	default:
		d.ok(check, "%s", text)
	}
}

func existingParent(path string) string {
	for path != "." && path != "/" {
		if _, err := os.Stat(path); err == nil {
			break
		}
		path = filepath.Dir(path)
	}
	return path
}

// redis looks whether Redis answers, if there is to be one.
func (d *doctor) redis() {
	const check = "redis"
	if d.cfg.Redis == "" {
		return
	}
	if err := d.cfg.Redis.ping(d.ctx); err != nil {
		d.fail(check, fmt.Sprintf("%s does not answer: %v", d.cfg.Redis, err), "see whether it runs, and whether the address and the password are right; until it answers, each server knows its own people only")
		return
	}
	d.ok(check, "%s answers", d.cfg.Redis)
}

// data looks at what is kept, through the server if one runs. It tells the
// rest nothing when it cannot be read.
func (d *doctor) data() *Status {
	const check = "data"
	ctx, cancel := context.WithTimeout(d.ctx, time.Minute)
	defer cancel()
	operator, err := Operate(ctx, d.cfg)
	if err != nil {
		d.fail(check, err.Error(), "")
		return nil
	}
	defer operator.Close()
	status := new(Status)
	if err := operator.Call(ctx, "status", struct{}{}, admin.Into(status)); err != nil {
		d.fail(check, err.Error(), "")
		return nil
	}
	d.versions(status)
	for _, p := range status.Partitions {
		d.partition(status, p)
	}
	return status
}

func (d *doctor) versions(status *Status) {
	versions, err := fileVersions(d.ctx, d.cfg)
	if err != nil {
		d.fail("data", err.Error(), "")
		return
	}
	var texts []string
	for _, v := range versions {
		texts = append(texts, fmt.Sprintf("%s has version %d", v.file, v.found))
		if v.found != v.known {
			d.warn("data", fmt.Sprintf("%s has version %d, this program knows %d", v.file, v.found, v.known), "use the parley that the server was started with ("+status.Version+")")
			return
		}
	}
	d.ok("data", "%s, as this program writes them", strings.Join(texts, ", "))
}

// muchLag is how many records the store may be behind the log without a word.
const muchLag = 10_000

func (d *doctor) partition(status *Status, p PartitionStatus) {
	const check = "log and store"
	lag := p.End - p.Watermark
	switch {
	case p.Watermark < 0:
		d.fail(check, fmt.Sprintf("the store has never recorded this log (epoch %s)", status.Epoch), "put the right log.db back from a backup, or see --accept-new-epoch in docs/operations.md")
	case p.Watermark > p.End:
		d.fail(check, fmt.Sprintf("the log ends at offset %d, the store has recorded up to %d: records are missing", p.End, p.Watermark), "put the right log.db back from a backup")
	case p.Watermark < p.Begin:
		d.fail(check, fmt.Sprintf("the log begins at offset %d, the store has recorded up to %d only", p.Begin, p.Watermark), "put a newer parley.db back from a backup")
	case lag > muchLag && status.Server != nil:
		d.warn(check, fmt.Sprintf("the store is %d records behind the log", lag), "look whether the number falls; if it does not, the database or the disk is too slow")
	case lag > 0 && status.Server == nil:
		d.ok(check, "the store is %d records behind the log; the next start stores them", lag)
	default:
		d.ok(check, "the log has offsets %d to %d, the store is %d records behind", p.Begin, p.End, lag)
	}
}

// clockSlack is how far the clock may be behind the last record.
const clockSlack = 2 * time.Minute

// earliest is before every time at which this program can run.
var earliest = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

func (d *doctor) clock(status *Status) {
	const check, do = "clock", "set the machine's clock, with NTP; times of messages, tokens and retention depend on it, order does not"
	now := d.now()
	switch {
	case now.Before(earliest):
		d.fail(check, "it says "+now.UTC().Format(time.RFC3339), do)
	case status != nil && status.LastRecord.After(now.Add(clockSlack)):
		d.fail(check, fmt.Sprintf("it says %s, but the last record was taken at %s", now.UTC().Format(time.RFC3339), status.LastRecord.Format(time.RFC3339)), do)
	default:
		d.ok(check, "%s", now.UTC().Format(time.RFC3339))
	}
}

// Descriptors: each socket takes one.
const (
	fewDescriptors    = 1024
	enoughDescriptors = 10_000
	keptDescriptors   = 100 // for everything that is no socket
)

func (d *doctor) descriptors(status *Status) {
	const check, do = "descriptors", "raise the limit: LimitNOFILE in the unit of systemd, --ulimit nofile for a container, ulimit -n in a shell"
	_, limit := descriptors() // of this process, which a server would inherit
	open, whose := 0, "a server started here"
	if status != nil && status.Server != nil {
		open, limit, whose = status.Server.Descriptors, status.Server.DescriptorsLimit, "the running server"
	}
	switch {
	case limit == 0:
		d.ok(check, "no limit is known")
	case limit < fewDescriptors || uint64(open)+keptDescriptors > limit:
		d.fail(check, fmt.Sprintf("%s may have %d open and has %d", whose, limit, open), do)
	case limit < enoughDescriptors:
		d.warn(check, fmt.Sprintf("%s may have %d open, so about as many sockets", whose, limit), do)
	default:
		d.ok(check, "%s may have %d open", whose, limit)
	}
}

// server looks at the running server.
func (d *doctor) server(status *Status) {
	const check = "server"
	if status == nil || status.Server == nil {
		d.ok(check, "does not run")
		return
	}
	s := status.Server
	bad := false
	for _, part := range slices.Sorted(maps.Keys(s.Parts)) {
		if state := s.Parts[part]; state != "ok" {
			bad = true
			d.fail(check, part+": "+state, "the server's log says more")
		}
	}
	for _, disagreement := range s.Disagreements {
		bad = true
		d.fail(check, "counted twice with different results: "+disagreement, "this is a defect of Parley: report it; a restart helps until then")
	}
	if !bad {
		d.ok(check, "Parley %s, process %d, running since %s: %d sockets with %d subscriptions of %d open rooms, counted in three ways alike",
			status.Version, s.Pid, s.Since.UTC().Format(time.RFC3339), s.Sockets, s.Subscriptions, s.Rooms)
	}
}

// address looks whether the address is free, or whose it is.
func (d *doctor) address(status *Status) {
	const check = "address"
	if status != nil && status.Server != nil {
		if sameAddress(status.Server.Addr, d.cfg.Listen) {
			d.ok(check, "%s is served by process %d", d.cfg.Listen, status.Server.Pid)
		} else {
			d.warn(check, fmt.Sprintf("the running server listens on %s, this configuration says %s", status.Server.Addr, d.cfg.Listen), "run this command with the server's own configuration")
		}
		return
	}
	listener, err := new(net.ListenConfig).Listen(d.ctx, "tcp", d.cfg.Listen)
	if err != nil {
		d.fail(check, err.Error(), "stop the other program, or choose another address with --listen")
		return
	}
	if err := listener.Close(); err != nil {
		d.fail(check, err.Error(), "")
		return
	}
	d.ok(check, "%s is free", d.cfg.Listen)
}

// sameAddress reports whether a server that listens on addr does what listen
// asks for.
func sameAddress(addr, listen string) bool {
	_, got, err := net.SplitHostPort(addr)
	_, want, wantErr := net.SplitHostPort(listen)
	return err == nil && wantErr == nil && (got == want || want == "0")
}
