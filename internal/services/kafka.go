//go:build unix

package services

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Kafka is a cluster of real brokers on this machine, in KRaft mode: each is
// also a controller. Its methods may be called from any goroutine.
type Kafka struct {
	brokers []*Broker
	sasl    *Account // nil: everybody is let in
	secrets string   // directory of the authority's and the brokers' keys, empty without TLS
}

// Broker is one broker of a [Kafka].
type Broker struct {
	dir      string // of everything it has
	port     int    // of clients
	guardian *guardian
	java     []string // how Java is called

	mu      sync.Mutex
	process *exec.Cmd // nil: not running
}

// Account is a name with its password.
type Account struct{ User, Password string }

// KafkaOption changes how a cluster is made.
type KafkaOption func(*kafkaPlan)

type kafkaPlan struct {
	brokers    int
	properties []string // lines for every broker
	heap       int      // of every broker, MiB
	doors      []door
	tls        bool
	sasl       *Account
	via        func(addr string) string
}

// Brokers is how many there are; 1 if nothing is said.
func Brokers(n int) KafkaOption { return func(p *kafkaPlan) { p.brokers = n } }

// Property sets a setting of every broker.
func Property(name, value string) KafkaOption {
	return func(p *kafkaPlan) { p.properties = append(p.properties, name+"="+value) }
}

// Via lets clients go another way: it is called with the address, host:port, at
// which a broker will listen, before it does, and returns the one that clients
// are told to use instead, such as a proxy's.
func Via(way func(addr string) string) KafkaOption { return func(p *kafkaPlan) { p.via = way } }

// Heap is how many MiB the heap of every broker has at most; 320 if nothing is
// said.
func Heap(mebibytes int) KafkaOption { return func(p *kafkaPlan) { p.heap = mebibytes } }

// door is one more listener of every broker, to which clients come another way.
type door struct {
	name  string
	route func(broker int, addr string) (string, error)
}

// Door gives every broker one more listener, named in capital letters, for some
// of its clients alone: route is told where a broker (1, 2, …) listens for them,
// and says where they connect, such as at a proxy. Nothing is changed for anybody
// else. It does not go with [SecureKafka].
func Door(name string, route func(broker int, addr string) (string, error)) KafkaOption {
	return func(p *kafkaPlan) { p.doors = append(p.doors, door{name, route}) }
}

// SecureKafka lets in only who comes over TLS and knows the account's password,
// by SCRAM-SHA-512.
func SecureKafka(account Account) KafkaOption {
	return func(p *kafkaPlan) { p.tls, p.sasl = true, &account }
}

// StartKafka makes a cluster and waits until all of it answers. The brokers'
// jars are fetched by scripts/kafka.sh if they are not there.
func StartKafka(options ...KafkaOption) (_ *Kafka, err error) {
	plan := kafkaPlan{brokers: 1, heap: 320}
	for _, option := range options {
		option(&plan)
	}
	if plan.tls && len(plan.doors) > 0 {
		return nil, errors.New("services: Door does not go with SecureKafka")
	}
	libs, err := kafkaLibs()
	if err != nil {
		return nil, err
	}
	k := &Kafka{sasl: plan.sasl}
	defer func() {
		if err != nil {
			err = errors.Join(err, k.Stop())
		}
	}()
	if plan.tls {
		if k.secrets, err = makeSecrets(); err != nil {
			return nil, err
		}
	}
	if err := k.install(&plan, libs); err != nil {
		return nil, err
	}
	var starting sync.WaitGroup
	errs := make([]error, len(k.brokers))
	for i, b := range k.brokers {
		starting.Go(func() { errs[i] = b.Start() })
	}
	starting.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if err := k.untilReady(); err != nil {
		return nil, err
	}
	return k, nil
}

// kafkaLibs is the directory of the brokers' jars.
func kafkaLibs() (string, error) {
	_, file, _, _ := runtime.Caller(0)
	script := filepath.Join(filepath.Dir(file), "..", "..", "scripts", "kafka.sh")
	var complaint bytes.Buffer
	command := exec.Command(script, "libs")
	command.Stderr = &complaint
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("there is no Kafka here: %w: %s", err, strings.TrimSpace(complaint.String()))
	}
	lines := strings.Fields(string(output))
	return lines[len(lines)-1], nil
}

// install writes what each broker needs before its first start. A port can be
// taken by somebody else between now and then; nothing can be done about that
// with a controller that has to be told all ports beforehand.
func (k *Kafka) install(plan *kafkaPlan, libs string) error {
	ports, err := freePorts((2 + len(plan.doors)) * plan.brokers)
	if err != nil {
		return err
	}
	controllers, doors := ports[plan.brokers:2*plan.brokers], ports[2*plan.brokers:]
	var voters []string
	for i, port := range controllers {
		voters = append(voters, fmt.Sprintf("%d@127.0.0.1:%d", i+1, port))
	}
	cluster := randomID()
	for i := range plan.brokers {
		b, err := newBroker(ports[i])
		if err != nil {
			return err
		}
		k.brokers = append(k.brokers, b)
		open, err := plan.openDoors(i, doors[i*len(plan.doors):])
		if err != nil {
			return err
		}
		if err := b.configure(libs, plan.heap, k.properties(plan, i, controllers[i], voters, open)); err != nil {
			return err
		}
	}
	if err := k.brokers[0].format(cluster, plan.sasl); err != nil {
		return err
	}
	for i, b := range k.brokers[1:] {
		// Formatting takes a second; the result differs in two lines.
		if err := b.copyFormat(k.brokers[0], i+2); err != nil {
			return err
		}
	}
	return nil
}

// openDoors returns how the further listeners of the broker number i are written
// in its settings, each with a comma in front.
func (p *kafkaPlan) openDoors(i int, ports []int) (open doorSettings, err error) {
	for k, d := range p.doors {
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[k]))
		at, err := d.route(i+1, addr)
		if err != nil {
			return open, fmt.Errorf("the way to broker %d by %s: %w", i+1, d.name, err)
		}
		open.listeners += "," + d.name + "://" + addr
		open.advertised += "," + d.name + "://" + at
		open.protocols += "," + d.name + ":PLAINTEXT"
	}
	return open, nil
}

type doorSettings struct{ listeners, advertised, protocols string }

// properties are the settings of the broker number i.
func (k *Kafka) properties(plan *kafkaPlan, i, controller int, voters []string, open doorSettings) []string {
	copies := min(plan.brokers, 3)
	advertised := k.brokers[i].Addr()
	if plan.via != nil {
		advertised = plan.via(advertised)
	}
	lines := []string{
		"node.id=" + strconv.Itoa(i+1),
		"process.roles=broker,controller",
		"controller.quorum.voters=" + strings.Join(voters, ","),
		"controller.listener.names=CONTROLLER",
		fmt.Sprintf("listeners=CLIENTS://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d%s", k.brokers[i].port, controller, open.listeners),
		"advertised.listeners=CLIENTS://" + advertised + open.advertised,
		"inter.broker.listener.name=CLIENTS",
		"log.dirs=" + filepath.Join(k.brokers[i].dir, "data"),
		"auto.create.topics.enable=false",
		"default.replication.factor=" + strconv.Itoa(copies),
		"min.insync.replicas=" + strconv.Itoa(max(copies-1, 1)),
		"offsets.topic.replication.factor=" + strconv.Itoa(copies),
		"offsets.topic.num.partitions=4",
		"transaction.state.log.replication.factor=" + strconv.Itoa(copies),
		"transaction.state.log.min.isr=1",
		"transaction.state.log.num.partitions=4",
		"share.coordinator.state.topic.replication.factor=" + strconv.Itoa(copies),
		"share.coordinator.state.topic.min.isr=1",
		"group.initial.rebalance.delay.ms=0",
		"broker.session.timeout.ms=5000",
		"initial.broker.registration.timeout.ms=120000",
		"broker.heartbeat.interval.ms=500",
		"replica.lag.time.max.ms=3000",
		"log.retention.check.interval.ms=500",
		"log.initial.task.delay.ms=500",
	}
	switch {
	case plan.tls:
		lines = append(lines,
			"listener.security.protocol.map=CLIENTS:SASL_SSL,CONTROLLER:PLAINTEXT",
			"sasl.enabled.mechanisms=SCRAM-SHA-512",
			"sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512",
			fmt.Sprintf(`listener.name.clients.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="%s" password="%s";`, plan.sasl.User, plan.sasl.Password),
			"ssl.keystore.type=PEM", "ssl.truststore.type=PEM",
			"ssl.keystore.location="+filepath.Join(k.secrets, brokerFile),
			"ssl.truststore.location="+filepath.Join(k.secrets, authorityFile),
		)
	default:
		lines = append(lines, "listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT"+open.protocols)
	}
	return append(lines, plan.properties...)
}

// freePorts finds ports that nobody listens at, below those that the system
// gives to clients: a broker that was killed has to find its own again.
func freePorts(n int) ([]int, error) {
	var ports []int
	for len(ports) < n {
		addr, err := FreeAddr()
		if err != nil {
			return nil, err
		}
		// All are held until all are found, so that they differ.
		listener, err := net.Listen("tcp", addr)
		if err != nil {
			continue // somebody was faster
		}
		defer listener.Close()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

func newBroker(port int) (*Broker, error) {
	dir, err := os.MkdirTemp("", "parley-kafka-")
	if err != nil {
		return nil, err
	}
	guardian, err := watch(dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &Broker{dir: dir, port: port, guardian: guardian}, nil
}

const logSettings = `<?xml version="1.0"?>
<Configuration status="ERROR">
  <Appenders><Console name="out"><PatternLayout pattern="%d %p %c: %m%n"/></Console></Appenders>
  <Loggers><Root level="WARN"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
`

// configure writes the broker's settings.
func (b *Broker) configure(libs string, heap int, properties []string) error {
	logging := filepath.Join(b.dir, "log4j2.xml")
	b.java = []string{
		"java", fmt.Sprintf("-Xmx%dm", heap), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto",
		"-Dlog4j2.configurationFile=" + logging, "-cp", filepath.Join(libs, "*"),
	}
	return errors.Join(
		os.WriteFile(b.settings(), []byte(strings.Join(properties, "\n")+"\n"), 0o600),
		os.WriteFile(logging, []byte(logSettings), 0o600),
	)
}

// run makes a command of one of Kafka's programs.
func (b *Broker) run(class string, arguments ...string) *exec.Cmd {
	line := slices.Concat(b.java, []string{class}, arguments)
	return exec.Command(line[0], line[1:]...)
}

func (b *Broker) settings() string { return filepath.Join(b.dir, "server.properties") }

// format prepares the broker's directory.
func (b *Broker) format(cluster string, account *Account) error {
	arguments := []string{"format", "-t", cluster, "-c", b.settings()}
	if account != nil {
		arguments = append(arguments, "--add-scram", fmt.Sprintf("SCRAM-SHA-512=[name=%s,password=%s]", account.User, account.Password))
	}
	if output, err := b.run("kafka.tools.StorageTool", arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("format the directory of a broker: %w\n%s", err, output)
	}
	return nil
}

// copyFormat makes of another broker's directory, which was only just
// formatted, that of this one.
func (b *Broker) copyFormat(from *Broker, node int) error {
	if err := os.CopyFS(b.Data(), os.DirFS(from.Data())); err != nil {
		return err
	}
	meta := filepath.Join(b.Data(), "meta.properties")
	text, err := os.ReadFile(meta)
	if err != nil {
		return err
	}
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		switch name, _, _ := strings.Cut(line, "="); name {
		case "node.id":
			lines[i] = "node.id=" + strconv.Itoa(node)
		case "directory.id":
			lines[i] = "directory.id=" + randomID()
		}
	}
	return os.WriteFile(meta, []byte(strings.Join(lines, "\n")), 0o600)
}

// randomID is an id as Kafka writes them.
func randomID() string {
	var id [16]byte
	_, _ = rand.Read(id[:])
	id[0] &= 0x7f // none begins with a dash
	return base64.RawURLEncoding.EncodeToString(id[:])
}

// start starts the process.
func (b *Broker) start() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.process != nil {
		return nil
	}
	log, err := os.OpenFile(b.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	process := b.run("kafka.Kafka", b.settings())
	process.Stdout, process.Stderr = log, log
	// An interrupt is for the test, which then stops the broker.
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := process.Start(); err != nil {
		return err
	}
	b.guardian.guard(process.Process.Pid)
	b.process = process
	return nil
}

func (b *Broker) logFile() string { return filepath.Join(b.dir, "log") }

// Addr is where the broker listens: host:port. It stays the same.
func (b *Broker) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(b.port)) }

// Start starts the broker, after Kill with the data that it had, and waits
// until it listens. On a busy machine a broker can miss its session while it
// starts, and then gives up: it is started again.
func (b *Broker) Start() error {
	for end := time.Now().Add(startTime); ; {
		if err := b.start(); err != nil {
			return err
		}
		conn, err := net.DialTimeout("tcp", b.Addr(), time.Second)
		if err == nil {
			return conn.Close()
		}
		if time.Now().After(end) {
			return fmt.Errorf("broker at %s does not listen: %w\n%s", b.Addr(), err, b.said())
		}
		time.Sleep(50 * time.Millisecond)
		b.notice()
	}
}

// notice notices that the process has ended by itself. No goroutine waits for
// it: the broker that tests share runs until the very end.
func (b *Broker) notice() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.process == nil {
		return
	}
	var status syscall.WaitStatus
	if ended, err := syscall.Wait4(b.process.Process.Pid, &status, syscall.WNOHANG, nil); ended == 0 && err == nil {
		return
	}
	_ = b.process.Process.Release()
	b.process = nil
	b.guardian.forget()
}

// said is the end of what the broker has written.
func (b *Broker) said() string {
	text, _ := os.ReadFile(b.logFile())
	return string(text[max(len(text)-4000, 0):])
}

// Kill ends the broker as kill -9 does.
func (b *Broker) Kill() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.process == nil {
		return nil
	}
	if err := b.process.Process.Kill(); err != nil {
		return err
	}
	_ = b.process.Wait() // says that it was killed
	b.process = nil
	b.guardian.forget()
	return nil
}

// Pause stops the broker where it is, until Resume.
func (b *Broker) Pause() error { return b.signal(syscall.SIGSTOP) }

// Resume lets a paused broker go on.
func (b *Broker) Resume() error { return b.signal(syscall.SIGCONT) }

func (b *Broker) signal(s syscall.Signal) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.process == nil {
		return os.ErrProcessDone
	}
	return b.process.Process.Signal(s)
}

// Data is the directory in which the broker keeps its records. A test may
// change it while the broker does not run.
func (b *Broker) Data() string { return filepath.Join(b.dir, "data") }

func (b *Broker) stop() error {
	return errors.Join(b.Kill(), b.guardian.dismiss(), os.RemoveAll(b.dir))
}

// untilReady waits until the brokers know each other.
func (k *Kafka) untilReady() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	options, err := k.ClientOptions()
	if err != nil {
		return err
	}
	client, err := kgo.NewClient(append(options, kgo.MetadataMinAge(50*time.Millisecond))...)
	if err != nil {
		return err
	}
	defer client.Close()
	for {
		err := client.Ping(ctx)
		if err == nil && len(client.DiscoveredBrokers()) == len(k.brokers) {
			return nil
		}
		for _, b := range k.brokers {
			// One may have given up after it has listened: see Start.
			b.notice()
			if err := b.start(); err != nil {
				return err
			}
		}
		select {
		case <-time.After(100 * time.Millisecond):
			client.ForceMetadataRefresh()
		case <-ctx.Done():
			return fmt.Errorf("Kafka does not answer: %w\n%s", errors.Join(ctx.Err(), err), k.said())
		}
	}
}

// said is the end of what each broker has written.
func (k *Kafka) said() string {
	var all strings.Builder
	for _, b := range k.brokers {
		fmt.Fprintf(&all, "broker at %s:\n%s\n", b.Addr(), b.said())
	}
	return all.String()
}

// Addrs are the brokers' addresses.
func (k *Kafka) Addrs() []string {
	var addrs []string
	for _, b := range k.brokers {
		addrs = append(addrs, b.Addr())
	}
	return addrs
}

// Broker returns the broker of the number by which the cluster knows it, from 1
// on.
func (k *Kafka) Broker(id int32) *Broker { return k.brokers[id-1] }

// ClientOptions are what a client needs to reach the cluster.
func (k *Kafka) ClientOptions() ([]kgo.Opt, error) {
	options := []kgo.Opt{kgo.SeedBrokers(k.Addrs()...), kgo.DisableClientMetrics()}
	if k.secrets == "" {
		return options, nil
	}
	return k.secure(options)
}

// Stop ends the brokers and removes everything that they had.
func (k *Kafka) Stop() error {
	var errs []error
	for _, b := range slices.Backward(k.brokers) {
		errs = append(errs, b.stop())
	}
	if k.secrets != "" {
		errs = append(errs, os.RemoveAll(k.secrets))
	}
	return errors.Join(errs...)
}
