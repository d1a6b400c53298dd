package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	loopback      = "127.0.0.1"
	maintenanceDB = "postgres"
	connectWithin = 5 * time.Second

	// PostgreSQL's codes (Appendix A of its manual); operatorIntervention is the class that says "starting up".
	duplicateDatabase    = "42P04"
	tooManyConnections   = "53300"
	operatorIntervention = "57"
)

// choose returns the wanted port, or one that is free at this moment.
func choose(ctx context.Context, wanted int) (int, error) {
	if wanted != 0 {
		return wanted, nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", loopback+":0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // a TCP listener has a TCP address
	return port, l.Close()
}

// ready waits until the server answers to its password, which no other server on the same port would, and makes the
// databases. It returns early when the server ends.
func (c *Cluster) ready(ctx context.Context) error {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		err := c.createDatabases(ctx)
		if err == nil || !passing(err) {
			return err
		}
		select {
		case <-c.Done():
			return fmt.Errorf("the server on port %d ended before it was ready: %w", c.port, c.process.Err())
		case <-ctx.Done():
			return fmt.Errorf("the server on port %d is not ready: %w", c.port, err)
		case <-tick.C:
		}
	}
}

// passing reports whether err may go away by itself: nobody listens yet, or the server is still starting.
func passing(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return strings.HasPrefix(pg.Code, operatorIntervention) || pg.Code == tooManyConnections
	}
	return true
}

func (c *Cluster) createDatabases(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.URL(maintenanceDB))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is lost with the connection
	for _, name := range c.config.Databases {
		_, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
		if err != nil && !exists(err) {
			return fmt.Errorf("create the database %s: %w", name, err)
		}
	}
	return nil
}

func exists(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == duplicateDatabase
}
