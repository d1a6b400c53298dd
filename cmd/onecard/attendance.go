package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/postgres"
)

// heardEvery is how often a partner's logins are recorded at most: silence is measured in hours.
const heardEvery = time.Minute

// attendance tells the ledger that partners have logged in, so that their silence can be noticed. A login never waits for it,
// and partners are served also while the ledger cannot be reached.
type attendance struct {
	ledger config.Ledger
	log    *slog.Logger
	names  chan string
}

func newAttendance(l config.Ledger, log *slog.Logger) *attendance {
	return &attendance{ledger: l, log: log, names: make(chan string, 64)}
}

// note takes a partner's name; of many at once it may leave some out, which log in again.
func (a *attendance) note(partner string) {
	select {
	case a.names <- partner:
	default:
	}
}

// keep records what is noted until ctx ends; the function that it returns waits for that end.
func (a *attendance) keep(ctx context.Context) (ended func()) {
	ctx, cancel := context.WithCancel(ctx)
	var wait sync.WaitGroup
	wait.Go(func() { a.run(ctx) })
	return func() {
		cancel()
		wait.Wait()
	}
}

func (a *attendance) run(ctx context.Context) {
	last := map[string]time.Time{}
	for {
		select {
		case <-ctx.Done():
			return
		case partner := <-a.names:
			now := time.Now()
			if now.Sub(last[partner]) < heardEvery {
				continue
			}
			if err := a.record(ctx, partner, now); err != nil {
				a.log.Warn("a login is not in the ledger", "partner", partner, "error", err)
				continue
			}
			last[partner] = now
		}
	}
}

// record opens the ledger for one line a minute, without the keys to personal data: this program stands nearest to strangers.
func (a *attendance) record(ctx context.Context, partner string, at time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	url, err := a.ledger.DatabaseURL()
	if err != nil || url == "" {
		return err
	}
	l, err := postgres.Open(ctx, url, nil)
	if err != nil {
		return err
	}
	defer l.Close()
	return l.HeardFrom(ctx, partner, at)
}
