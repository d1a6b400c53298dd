package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"syscall"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"onecard/connectors/postgres/cluster/child"
)

// plugin is Temporal's name for the PostgreSQL driver.
const plugin = "postgres12_pgx"

// schema is a database of Temporal's and the name of its schema inside the upstream tool.
type schema struct{ database, name string }

func schemas() []schema {
	return []schema{
		{database: "temporal", name: "postgresql/v12/temporal"},
		{database: "temporal_visibility", name: "postgresql/v12/visibility"},
	}
}

// prepareSchemas brings Temporal's databases to the version of the server that is about to start.
func (s *Stack) prepareSchemas(ctx context.Context, tool string) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, sc := range schemas() {
		g.Go(func() error {
			if err := s.prepareSchema(ctx, tool, sc); err != nil {
				return fmt.Errorf("prepare the database %s: %w", sc.database, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// prepareSchema updates a database that exists. A new one is made under another name and renamed when it is complete, so
// that being killed half-way leaves nothing that looks finished.
func (s *Stack) prepareSchema(ctx context.Context, tool string, sc schema) error {
	conn, err := pgx.Connect(ctx, s.postgresURL("postgres"))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is lost with the connection
	var exists bool
	const q = `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`
	if err := conn.QueryRow(ctx, q, sc.database).Scan(&exists); err != nil {
		return fmt.Errorf("look for it: %w", err)
	}
	if exists {
		return s.tool(ctx, tool, sc.database, "update-schema", "--schema-name", sc.name)
	}
	return s.createSchema(ctx, conn, tool, sc)
}

func (s *Stack) createSchema(ctx context.Context, conn *pgx.Conn, tool string, sc schema) error {
	fresh := sc.database + "_new"
	for _, sql := range []string{"DROP DATABASE IF EXISTS " + fresh + " WITH (FORCE)", "CREATE DATABASE " + fresh} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("create it: %w", err)
		}
	}
	if err := s.tool(ctx, tool, fresh, "setup-schema", "--version", "0.0"); err != nil {
		return err
	}
	if err := s.tool(ctx, tool, fresh, "update-schema", "--schema-name", sc.name); err != nil {
		return err
	}
	if err := s.rename(ctx, conn, fresh, sc.database); err != nil {
		return fmt.Errorf("put it in its place: %w", err)
	}
	return nil
}

// rename gives a database its final name, which the upstream schema also keeps in a table of its own.
func (s *Stack) rename(ctx context.Context, conn *pgx.Conn, from, to string) error {
	inside, err := pgx.Connect(ctx, s.postgresURL(from))
	if err != nil {
		return err
	}
	_, err = inside.Exec(ctx, "UPDATE schema_version SET db_name = $1", to)
	if err := errors.Join(err, inside.Close(ctx)); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+from+" RENAME TO "+to)
	return err
}

// tool runs the upstream schema tool on a database of the private cluster, to its end.
func (s *Stack) tool(ctx context.Context, program, database string, args ...string) error {
	u, err := url.Parse(s.postgresURL(database))
	if err != nil {
		return fmt.Errorf("read the database's address: %w", err)
	}
	host, port, err := net.SplitHostPort(u.Host)
	if err != nil {
		return fmt.Errorf("read the database's address: %w", err)
	}
	password, _ := u.User.Password()
	log, err := s.openLog("temporal-schema")
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // the tool has its own descriptor
	c, err := child.Start(child.Spec{
		Argv: append([]string{program}, args...), Out: log, OnDeath: syscall.SIGKILL,
		Env: append(plainEnvironment(), "SQL_PLUGIN="+plugin, "SQL_HOST="+host, "SQL_PORT="+port,
			"SQL_USER="+u.User.Username(), "SQL_PASSWORD="+password, "SQL_DATABASE="+database),
	})
	if err != nil {
		return err
	}
	return s.finish(ctx, c, args[0])
}

// finish waits for a tool, and ends it when ctx does.
func (s *Stack) finish(ctx context.Context, c *child.Process, what string) error {
	select {
	case <-c.Done():
	case <-ctx.Done():
		c.Stop()
		return fmt.Errorf("%s: %w", what, ctx.Err())
	}
	if err := c.Err(); err != nil {
		return fmt.Errorf("%s: %w; see %s", what, err, s.logPath("temporal-schema"))
	}
	return nil
}
