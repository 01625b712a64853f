# Every target says in its ## line what it does; `make` alone lists them.

.DEFAULT_GOAL := help
SHELL := /bin/bash

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

.PHONY: run
run: build ## build Parley and start it on http://127.0.0.1:3000 with data in ./parley-data
	@exec ./bin/parley serve

.PHONY: build
build: ## build ./bin/parley, one static binary with the web client inside
	@CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/parley ./cmd/parley

.PHONY: test
test: ## everything that can run here; installs what it needs and may
	@scripts/test.sh

.PHONY: check
check: ## formatting, vet, lint and the import rules, without running the suites
	@scripts/check.sh

.PHONY: screenshots
screenshots: ## take docs/screenshots anew, with a real server and browser
	@PARLEY_SCREENSHOTS=1 scripts/web.sh e2e -g pictures

.PHONY: web
web: ## rebuild web/dist and the generated protocol types
	@scripts/web.sh build

.PHONY: schemathesis
schemathesis: ## let schemathesis call everything that docs/openapi.json describes; EXAMPLES of each call (default 10)
	@scripts/schemathesis.sh

.PHONY: services
services: ## start MariaDB with a database for Parley, and Redis, and print their addresses; Ctrl-C ends them
	@scripts/services.sh

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (default 1m)
	@scripts/fuzz.sh

.PHONY: crash
crash: build ## kill the server with -9 under load, KILLS times (default 200) and POINT_KILLS times (default 20) at each failpoint, fill its disk, and check every promise; SENDS=1000000 instead kills until a crowd has had so many sends acknowledged
ifdef SENDS
	@go run ./internal/crash -bin bin/parley -sends $(SENDS)
else
	@go build -tags failpoints -o bin/parley-failpoints ./cmd/parley
	@go run ./internal/crash -bin bin/parley -kills $${KILLS:-200}
	@go run ./internal/crash -bin bin/parley-failpoints -kills 0 -point-kills $${POINT_KILLS:-20}
	@if [[ $$(id -u) == 0 ]]; then go run ./internal/crash -bin bin/parley -disk-full; else echo "SKIPPED: the full disk (only root can mount a small one)"; fi
endif

.PHONY: campaign
campaign: ## harm a cluster under load for DURATION (default 3m) by all that internal/crash/harm.go names, and check every promise; CLIENTS devices (default 10), HEAL seconds to be right again (default 30s), OLD commit to mix with the present one (default: the last release, or a hundred commits ago; none: no other), PAGE to write the report to
	@CGO_ENABLED=0 go build -trimpath -tags failpoints -ldflags '$(LDFLAGS)' -o bin/parley-failpoints ./cmd/parley
	@old=$$(scripts/old.sh bin/parley-old $(OLD)) && \
		go run ./internal/crash -bin bin/parley-failpoints $${old:+-old $$old} -nodes 3 -clients $${CLIENTS:-10} -duration $${DURATION:-3m} -heal $${HEAL:-30s} $(if $(PAGE),-page $(PAGE))

.PHONY: degraded
degraded: ## take Kafka, the database and Redis away for DEGRADED_FOR each (default 70s), and compare what works, and how soon a refusal comes (DEGRADED_WITHIN, default 10s), with docs/degraded.md; some fifteen minutes
	@PARLEY_DEGRADED_FOR=$${DEGRADED_FOR:-70s} PARLEY_DEGRADED_WITHIN=$${DEGRADED_WITHIN:-10s} PARLEY_TEST_REQUIRED=1 go test -count=1 -timeout 30m -v -run '^TestDegraded$$' ./e2e

.PHONY: browser-cluster
browser-cluster: ## browsers in front of two servers, Kafka, MariaDB and Redis, each of which is taken away; some minutes
	@scripts/web.sh install && PARLEY_BROWSER_CLUSTER=1 PARLEY_TEST_REQUIRED=1 go test -count=1 -timeout 15m -v -run '^TestBrowserCluster$$' ./e2e

.PHONY: mutants
mutants: ## build the server with each planted bug (internal/planted) and fail unless a test or a campaign catches it; BUG=name looks at one
	@go run ./internal/mutants $(if $(BUG),-only $(BUG))

.PHONY: powerloss
powerloss: ## let the power fail at POWERLOSS moments (default 500, or all: after every write) of the log, the store and the server
	@[[ -d /dev/shm ]] && export TMPDIR=/dev/shm; PARLEY_POWERLOSS=$${POWERLOSS:-500} go test -count=1 -timeout 60m -v -run '^TestPowerLoss$$' ./eventlog ./store ./server | grep -v '^=== '

.PHONY: kafka-faults
kafka-faults: ## kill, pause and restart brokers of three under a log, some minutes
	@PARLEY_KAFKA_FAULTS=1 PARLEY_TEST_REQUIRED=1 go test -count=1 -timeout 15m -run TestKafkaBrokersFail -v ./eventlog

.PHONY: sim
sim: ## simulate a node in virtual time with fresh seeds for DURATION (default 1m), and check every promise
	@go test ./internal/sim -run TestSeries -count=1 -v -timeout 0 -sim.from $$(date +%s)000 -sim.duration $${DURATION:-1m}

.PHONY: devices
devices: ## let two devices of one person read, mark and be cut at random for DURATION (default 1h), and compare what they show
	@PARLEY_DEVICES=$${DURATION:-1h} go test ./server -run '^TestDevicesAgree$$' -count=1 -v -timeout 0

.PHONY: bench
bench: build ## measure Parley beside the floor program and node's Socket.IO; writes docs/benchmarks.md
	@go run ./bench/run -parley bin/parley -write docs/benchmarks.md

.PHONY: bench-web
bench-web: ## measure the web client in a browser, and write that into docs/benchmarks.md; ROUNDS rounds (default 5), MINUTES of watching its memory (default 2); on a quiet machine
	@scripts/web-bench.sh

.PHONY: sends
sends: ## durable sends a second through hub and log beside a bare group commit, ROUNDS rounds (default 3) in turn; on a quiet machine
	@scripts/sends.sh

.PHONY: kafka-bench
kafka-bench: ## latency between two servers over Kafka, records a second, and the cost of following, beside bare clients; ROUNDS rounds (default 5) in turn, some minutes each; on a quiet machine
	@scripts/kafka-bench.sh
