package local

import (
	"context"
	"fmt"
	"path/filepath"

	"onecard/connectors/postgres/cluster"
)

// ledgerDB is the database of the ledger in a private cluster.
const ledgerDB = "onecard"

// startPostgres runs a private cluster for the ledger, for Temporal, or for both, whichever was not given by address.
func (s *Stack) startPostgres(ctx context.Context) error {
	if s.options.DatabaseURL != "" && s.options.TemporalAddress != "" {
		return nil
	}
	port, err := s.ports.get("postgres")
	if err != nil {
		return err
	}
	config := cluster.Config{
		Dir: filepath.Join(s.options.Dir, "postgres"), Port: port,
		Settings: s.options.PostgresSettings, Disposable: s.options.Disposable,
	}
	if s.options.DatabaseURL == "" {
		config.Databases = []string{ledgerDB}
	}
	err = s.keep(ctx, unit{name: "postgres", launch: func(ctx context.Context) (running, error) {
		return s.launchPostgres(ctx, config)
	}})
	if err != nil || s.options.DatabaseURL != "" {
		return err
	}
	ledger := s.postgresURL(ledgerDB)
	s.change(func(st *State) { st.DatabaseURL = ledger })
	return nil
}

func (s *Stack) launchPostgres(ctx context.Context, c cluster.Config) (running, error) {
	log, err := s.openLog("postgres")
	if err != nil {
		return nil, err
	}
	defer log.Close() //nolint:errcheck // the server has its own descriptor
	c.Log = log
	cl, err := cluster.Start(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("%w; see %s", err, s.logPath("postgres"))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pg = cl
	return cl, nil
}

// postgresURL is the connection string of a database in the private cluster; a restart does not change it.
func (s *Stack) postgresURL(database string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pg.URL(database)
}

// change edits the state and tells other processes. That they are told late is reported and harms nothing.
func (s *Stack) change(edit func(*State)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	edit(&s.state)
	if err := s.save(); err != nil {
		s.say("%v", err)
	}
}
