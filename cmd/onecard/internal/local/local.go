// Package local runs on one machine what onecard needs and a fresh machine lacks: PostgreSQL, Temporal and its Web UI, and
// whatever programs of ours the caller adds. It is what stands behind `onecard up`.
//
// Everything lives in one folder, listens on 127.0.0.1 only, keeps its ports over restarts, is started again when it dies,
// and ends with the process that started it. What is given by address is used and not started.
package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// DefaultNamespace is the Temporal namespace of the hub.
const DefaultNamespace = "onecard"

// ErrRunning says that another process already runs a stack in the folder; Find tells its addresses.
var ErrRunning = errors.New("already running in this folder (已在运行)")

// ErrNotRunning says that nothing runs in the folder.
var ErrNotRunning = errors.New("nothing is running here: start it with `onecard up` (尚未启动，请先运行 onecard up)")

// Options say what to run. The zero value of everything but Dir is good.
type Options struct {
	// Dir holds all state: data, logs, ports, addresses.
	Dir string
	// Repo is the checkout whose deploy/temporal is built and configured; looked for when empty. It is needed only when no
	// Temporal address is given.
	Repo string
	// TemporalAddress is host:port of a Temporal that is to be used instead of a private one.
	TemporalAddress string
	// DatabaseURL is a PostgreSQL database for the ledger that is to be used instead of a private one.
	DatabaseURL string
	// Namespace is the Temporal namespace; DefaultNamespace when empty. It is registered when it does not exist.
	Namespace string
	// PostgresSettings win over those sized from the machine.
	PostgresSettings map[string]string
	// Disposable gives up durability of the private PostgreSQL for speed.
	Disposable bool
	// Log receives one line for people at every step; nil discards them.
	Log io.Writer
}

// Start runs the servers and returns when they answer. It wraps ErrRunning when the folder is in use. The stack does not
// end with ctx, which bounds the start only; every stack that was returned must be stopped.
func Start(ctx context.Context, o Options) (*Stack, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	lock, err := acquire(o.Dir)
	if err != nil {
		return nil, err
	}
	s, err := newStack(o, lock)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	if err := s.servers(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (o Options) complete() (Options, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return o, fmt.Errorf("find the folder: %w", err)
	}
	o.Dir = dir
	o.Namespace = cmp.Or(o.Namespace, DefaultNamespace)
	if o.Log == nil {
		o.Log = io.Discard
	}
	if err := os.MkdirAll(filepath.Join(dir, "log"), 0o700); err != nil {
		return o, fmt.Errorf("make the folder: %w", err)
	}
	return o, nil
}

// servers starts what was not given by address, in the order in which one needs the other.
func (s *Stack) servers(ctx context.Context) error {
	steps := []func(context.Context) error{s.startPostgres, s.startTemporal, s.prepareNamespace, s.startUI}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}
