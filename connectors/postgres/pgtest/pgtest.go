// Package pgtest gives every test a PostgreSQL database of its own on a real server.
//
// A test binary starts one server, at the first call of New, and every test gets a fresh database on it. Nothing has to be
// stopped by the caller: the server ends with the test binary, however that ends, and a small shell process that watches
// the binary removes the folder after it.
package pgtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// bound is the longest that a test waits for the server or a statement of this package.
const bound = 2 * time.Minute

// server is the one server of this test binary; starting it once is what makes tests on a real server quick.
var server = sync.OnceValues(start)

// New returns the connection string of an empty database, which is dropped when the test ends. The server is as quick as
// PostgreSQL gets, and not durable. A machine without PostgreSQL fails the test with an error that says what to install.
func New(t testing.TB) string {
	t.Helper()
	s, err := server()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	if err := execute(s, "CREATE DATABASE "+name); err != nil {
		t.Fatalf("pgtest: make a database: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(s, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("pgtest: drop the database: %v", err)
		}
	})
	return s.URL(name)
}

func execute(s shared, sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is lost with the connection
	_, err = conn.Exec(ctx, sql)
	return err
}
