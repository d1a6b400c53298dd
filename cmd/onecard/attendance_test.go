package main

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	must "github.com/stretchr/testify/require"

	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/postgres"
	"onecard/connectors/postgres/pgtest"
)

// A login is in the ledger shortly after, and many logins are one line.
func TestLoginsAreHeard(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	l, err := postgres.Open(t.Context(), url, nil)
	must.NoError(t, err)
	t.Cleanup(l.Close)
	must.NoError(t, l.Migrate(t.Context()))
	conn, err := pgx.Connect(t.Context(), url)
	must.NoError(t, err)
	t.Cleanup(func() { must.NoError(t, conn.Close(context.Background())) })

	a := newAttendance(config.Ledger{URL: url}, slog.New(slog.DiscardHandler))
	ended := a.keep(t.Context())
	defer ended()
	for range 1000 { // no login waits, however many there are
		a.note("RCC")
	}
	must.Eventually(t, func() bool {
		var heard bool
		err := conn.QueryRow(t.Context(), "select connected_at is not null from partner_contact where partner = 'RCC'").Scan(&heard)
		return err == nil && heard
	}, 20*time.Second, 20*time.Millisecond)
}

// Partners are served while the ledger cannot be reached.
func TestLoginsGoOnWithoutTheLedger(t *testing.T) {
	t.Parallel()
	var complaints spoken
	a := newAttendance(config.Ledger{URL: "postgres://nobody@" + freeAddress(t) + "/none"}, slog.New(slog.NewTextHandler(&complaints, nil)))
	ended := a.keep(t.Context())
	defer ended()
	a.note("RCC")
	must.Eventually(t, func() bool { return complaints.String() != "" }, 20*time.Second, 10*time.Millisecond)
	must.Contains(t, complaints.String(), "partner=RCC")
}
