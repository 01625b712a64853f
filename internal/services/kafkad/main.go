//go:build unix

// Command kafkad runs real Kafka brokers until it is interrupted or its
// standard input ends. It prints where they are as lines for the environment,
// and leaves nothing behind. scripts/kafka.sh calls it.
//
//	kafkad [BROKERS]
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/parleychat/parley/internal/services"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "kafkad:", err)
		os.Exit(1)
	}
}

func run() error {
	brokers := 1
	if len(os.Args) > 1 {
		var err error
		if brokers, err = strconv.Atoi(os.Args[1]); err != nil || brokers < 1 {
			return fmt.Errorf("%q brokers: say a number from 1 on", os.Args[1])
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	kafka, err := services.StartKafka(services.Brokers(brokers))
	if err != nil {
		return err
	}
	fmt.Printf("PARLEY_KAFKA=%s\n", strings.Join(kafka.Addrs(), ","))
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with the terminal, or with whoever called
		stop()
	}()
	<-ctx.Done()
	return kafka.Stop()
}
