package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/cmd/onecard/internal/local"
	"onecard/connectors/postgres"
)

// stage is where one rehearsal is played: a ledger in a schema of its own, a namespace, a folder, simulated partners and a worker.
type stage struct {
	postgres.Rehearsal
	real   *hub
	order  rehearsalOrder
	log    io.Writer
	stack  *local.Stack
	script script
	factor float64 // how many times as fast waits are played
	marked bool
}

// script is what the partners' own program says of a faults file.
type script struct {
	Rules    int           `json:"rules"`
	Partners []string      `json:"partners"`
	Longest  time.Duration `json:"longest_ns"` // as it is played
}

func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return "?"
	}
	return name
}

func (st *stage) say(format string, args ...any) {
	_, _ = fmt.Fprintf(st.log, format+"\n", args...)
}

// play sets the stage, rehearses on it and tells what was found.
func (st *stage) play(ctx context.Context) (rehearsalReport, error) {
	v, err := st.real.ledger.Show(ctx, st.Rollout, false)
	if err != nil {
		return rehearsalReport{}, err
	}
	own, err := st.set(ctx, v)
	if err != nil {
		return rehearsalReport{}, err
	}
	defer own.close()
	p := &rehearsing{stage: st, own: own, before: v}
	return p.run(ctx)
}

// set makes everything that the rehearsal has of its own, and opens its hub.
func (st *stage) set(ctx context.Context, v postgres.View) (*hub, error) {
	if err := os.MkdirAll(st.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the rehearsal's folder: %w", err)
	}
	st.factor = st.pace(v)
	if err := st.readScript(ctx); err != nil {
		return nil, err
	}
	st.say("copy the rollout into the schema %s (复制到独立的schema)", st.Schema)
	database, err := st.fill(ctx)
	if err != nil {
		return nil, err
	}
	if err := st.lendVault(); err != nil {
		return nil, err
	}
	st.stack, err = startStack(ctx, upOptions{dir: st.Folder, temporal: st.real.cfg.Temporal.Address, database: database, namespace: st.Namespace,
		rules: st.rules(), banks: banksOf(v), log: st.log, adjust: st.adjust, closed: true})
	if err != nil {
		return nil, err
	}
	return openHub(ctx, &settings{dir: st.Folder})
}

// pace is how many times as fast waits are played: the shortest deadline of those who take part takes as long as was ordered.
func (st *stage) pace(v postgres.View) float64 {
	shortest := time.Duration(math.MaxInt64)
	banks := banksOf(v)
	for _, p := range st.real.cfg.Partners {
		if p.Kind == config.Civil || p.Kind == config.Bank && slices.Contains(banks, identifierOf(p.Bank)) {
			shortest = min(shortest, p.AnswerWithin)
		}
	}
	if shortest == math.MaxInt64 {
		shortest = config.DefaultPartner().AnswerWithin
	}
	return max(1, float64(shortest)/float64(st.order.deadline))
}

// banksOf are the identifiers of the banks that a rollout pays at.
func banksOf(v postgres.View) (banks []string) {
	for _, b := range v.Payout.Banks {
		banks = append(banks, identifierOf(b.Bank))
	}
	return banks
}

func identifierOf(prefix string) string {
	b, _ := card.FindBank(prefix)
	return b.Identifier
}

func (st *stage) rules() string { return filepath.Join(st.Folder, "faults.toml") }

// readScript has the partners' own program check the faults file, and write it at the rehearsal's pace.
func (st *stage) readScript(ctx context.Context) error {
	if st.order.faults == "" {
		return os.WriteFile(st.rules(), nil, 0o600)
	}
	program, err := ownProgram("partners")
	if err != nil {
		return err
	}
	var told bytes.Buffer
	cmd := exec.CommandContext(ctx, program, "rules", st.order.faults, "--faster", fmt.Sprint(st.factor), "--write", st.rules()) //nolint:gosec // our own program
	cmd.Stderr = &told
	out, err := cmd.Output()
	if err != nil {
		return card.E(card.Invalid, "read the faults", card.ReasonFaultsWrong, errors.New(string(bytes.TrimSpace(told.Bytes()))))
	}
	if err := json.Unmarshal(out, &st.script); err != nil {
		return fmt.Errorf("read the faults: %w", err)
	}
	return nil
}

// fill makes the schema, copies the rollout into it, and returns the connection string of the ledger in there.
func (st *stage) fill(ctx context.Context) (string, error) {
	st.marked = true
	if err := st.real.ledger.MarkRehearsal(ctx, st.Rehearsal); err != nil {
		return "", err
	}
	url, err := st.real.cfg.Ledger.DatabaseURL()
	if err != nil {
		return "", err
	}
	if url, err = postgres.InSchema(url, st.Schema); err != nil {
		return "", err
	}
	own, err := postgres.Open(ctx, url, st.real.vault)
	if err != nil {
		return "", err
	}
	defer own.Close()
	if err := own.Migrate(ctx); err != nil {
		return "", err
	}
	return url, st.real.ledger.FillRehearsal(ctx, st.Rehearsal)
}

// lendVault lets the rehearsal open what was sealed with the hub's keys, without a copy of them. Other keys it makes of its own.
func (st *stage) lendVault() error {
	keys := filepath.Join(st.Folder, "keys")
	if err := os.MkdirAll(keys, 0o700); err != nil {
		return fmt.Errorf("make the rehearsal's keys: %w", err)
	}
	if err := os.Symlink(st.real.cfg.Vault.KeyFile, filepath.Join(keys, "vault.toml")); err != nil {
		return fmt.Errorf("lend the rehearsal the vault: %w", err)
	}
	return nil
}

// adjust gives the simulated partners the terms of the real ones, at the rehearsal's pace.
func (st *stage) adjust(c *config.Config) {
	c.Issuance, c.Payout = st.real.cfg.Issuance, st.real.cfg.Payout
	c.Match.Day = 0 // no population match falls into it
	for i := range c.Partners {
		p := &c.Partners[i]
		for _, other := range st.real.cfg.Partners {
			if other.Kind == p.Kind && other.Bank == p.Bank {
				p.Concurrency, p.AnswerWithin = other.Concurrency, other.AnswerWithin
			}
		}
		p.AnswerWithin = max(time.Second, st.played(p.AnswerWithin))
		p.Poll = 500 * time.Millisecond
	}
}

// played is how long a wait takes in the rehearsal.
func (st *stage) played(d time.Duration) time.Duration { return time.Duration(float64(d) / st.factor) }

// meant is how long a wait of the rehearsal would be by the calendar.
func (st *stage) meant(d time.Duration) time.Duration { return time.Duration(float64(d) * st.factor) }
