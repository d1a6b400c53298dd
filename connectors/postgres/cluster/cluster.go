// Package cluster runs a private PostgreSQL server as a child process: for `onecard up`, for benchmarks and for tests.
//
// The server listens on 127.0.0.1 only and asks for a password that is made at the first start and kept in the cluster's
// folder with mode 0600; it has no Unix socket. Started by root, it runs as the user postgres, to whom the folder is given.
// It ends with the process that started it, also when that one is killed, and recovers by itself at the next start.
package cluster

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"onecard/connectors/postgres/cluster/child"
)

const (
	// attempts bounds how often a server that ends before it is ready is started again: after a kill, backends of the former
	// server need a moment to notice, and a free port may be taken by another process in between.
	attempts = 40
	// pause lies between two attempts.
	pause = 250 * time.Millisecond
	// readyWithin leaves time to replay the log of a killed server.
	readyWithin = 5 * time.Minute
	fastWait    = time.Minute
	quitWait    = 10 * time.Second
)

// Config says where and how a cluster runs. The zero value of everything but Dir is good.
type Config struct {
	// Dir is the cluster's folder. It is made when missing, and belongs to PostgreSQL alone.
	Dir string
	// Port to listen on; 0 chooses a free one.
	Port int
	// Superuser is the database role that owns everything; "postgres" when empty.
	Superuser string
	// Databases are made when they do not exist.
	Databases []string
	// Settings go into postgresql.conf and win over those sized from the machine.
	Settings map[string]string
	// Disposable gives up durability for speed; for tests and benchmarks of throwaway data.
	Disposable bool
	// Log receives the server's log; nil discards it.
	Log io.Writer
}

// Cluster is a running server.
type Cluster struct {
	config   Config
	port     int
	password string
	process  *child.Process
}

// Start initialises the cluster if need be, runs it and returns when it answers and has its databases. The cluster does
// not end with ctx: ctx bounds the start only. Errors wrap ErrNotInstalled when the package is missing.
func Start(ctx context.Context, c Config) (*Cluster, error) {
	c, err := c.complete()
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	owner, err := serverUser()
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	f := folder{root: c.Dir, owner: owner}
	if err := f.prepare(c.Log); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	password, err := f.secret()
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	if err := f.initialise(ctx, c); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	return f.start(ctx, c, password)
}

func (c Config) complete() (Config, error) {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return c, err
	}
	c.Dir = dir
	if c.Superuser == "" {
		c.Superuser = "postgres"
	}
	if c.Log == nil {
		c.Log = io.Discard
	}
	return c, nil
}

// start runs the server until one start succeeds and makes the databases.
func (f folder) start(ctx context.Context, c Config, password string) (*Cluster, error) {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	var err error
	for range attempts {
		var cl *Cluster
		if cl, err = f.attempt(ctx, c, password); err == nil {
			return cl, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("start PostgreSQL: %w", err)
		case <-time.After(pause):
		}
	}
	return nil, fmt.Errorf("start PostgreSQL (%d attempts): %w", attempts, err)
}

func (f folder) attempt(ctx context.Context, c Config, password string) (*Cluster, error) {
	if err := f.clearOrphan(ctx); err != nil {
		return nil, err
	}
	port, err := choose(ctx, c.Port)
	if err != nil {
		return nil, err
	}
	machine, err := measure(f.root)
	if err != nil {
		return nil, err
	}
	if err := f.write(filepath.Join(f.data(), "postgresql.conf"), render(c.settings(machine, port))); err != nil {
		return nil, err
	}
	process, err := f.run(c.Log)
	if err != nil {
		return nil, err
	}
	cl := &Cluster{config: c, port: port, password: password, process: process}
	if err := cl.ready(ctx); err != nil {
		_ = cl.Stop() // the start's error tells more
		return nil, err
	}
	return cl, nil
}

// run starts the server in the foreground. On our death it is told to shut down immediately, which frees its memory and
// its port at once.
func (f folder) run(log io.Writer) (*child.Process, error) {
	postgres, err := Binary("postgres")
	if err != nil {
		return nil, err
	}
	return child.Start(child.Spec{
		Argv: []string{postgres, "-D", f.data()}, Env: environment(), Dir: f.root,
		Out: log, User: f.owner, OnDeath: syscall.SIGQUIT,
	})
}

// URL returns the connection string of a database of the cluster, as superuser. It holds the password.
func (c *Cluster) URL(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(c.config.Superuser, c.password),
		Host: "127.0.0.1:" + strconv.Itoa(c.port), Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Port is the TCP port on 127.0.0.1.
func (c *Cluster) Port() int { return c.port }

// Pid is the process id of the server's parent process.
func (c *Cluster) Pid() int { return c.process.Pid() }

// Done is closed when the server has ended, by Stop or by accident. A new Start with the same Config brings it back.
func (c *Cluster) Done() <-chan struct{} { return c.process.Done() }

// Stop ends the server: open transactions are rolled back and everything is written, at once and without that when the
// cluster is disposable. It returns how the server ended; stopping it twice is harmless.
func (c *Cluster) Stop() error {
	quit := child.Step{Signal: syscall.SIGQUIT, Wait: quitWait}
	if c.config.Disposable {
		c.process.Stop(quit)
		return nil // an immediate shutdown is not an orderly end, and none was asked for
	}
	c.process.Stop(child.Step{Signal: syscall.SIGINT, Wait: fastWait}, quit)
	if err := c.process.Err(); err != nil {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	return nil
}
