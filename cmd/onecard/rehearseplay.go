package main

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"onecard/card"
	"onecard/connectors/postgres"
)

const (
	rehearsalLook = 300 * time.Millisecond
	// atRest is how much longer than anybody may keep the hub waiting nothing must happen for a rehearsal to be over.
	atRest = 10 * time.Second
)

// What a rehearsal comes to.
const (
	resultDone     = "done"     // every payment is explained
	resultStopped  = "stopped"  // the rollout stopped by itself
	resultWaiting  = "waiting"  // somebody does not answer, or does not know
	resultPatience = "patience" // it took longer than was allowed
)

// rehearsing is one rehearsal under way.
type rehearsing struct {
	*stage
	own      *hub
	before   postgres.View // of the real rollout
	already  []postgres.FollowUp
	began    time.Time
	checked  time.Time // zero: never
	started  time.Time // zero: never
	last     postgres.View
	pace     int64
	moved    time.Time
	progress *progress
}

// errAtRest says that nothing happens any more though the rollout is not over.
var errAtRest = errors.New("nothing happens any more")

// run plays the rollout from its checks to its end, or to where it does not go on, and tells what was found.
func (p *rehearsing) run(ctx context.Context) (rehearsalReport, error) {
	var err error
	if p.already, err = p.own.ledger.FollowUps(ctx, p.Rollout); err != nil {
		return rehearsalReport{}, err
	}
	p.progress = progressTo(p.log)
	limited, cancel := context.WithTimeoutCause(ctx, p.order.patience, errAtRest)
	defer cancel()
	p.began = time.Now()
	err = p.act(limited)
	p.progress.end()
	result := resultDone
	switch {
	case ctx.Err() != nil:
		return rehearsalReport{}, context.Cause(ctx)
	case limited.Err() != nil:
		result = resultPatience
	case errors.Is(err, errAtRest):
		result = resultWaiting
	case err != nil:
		return rehearsalReport{}, err
	case p.last.Status == card.RolloutStopped:
		result = resultStopped
	}
	return p.report(ctx, result)
}

func (p *rehearsing) act(ctx context.Context) error {
	if err := p.own.startWorkflow(ctx, p.Rollout); err != nil {
		return err
	}
	p.tell("checks begin (开始核对)")
	if err := p.await(ctx, func(v postgres.View) bool { return v.Payout.Checked }); err != nil {
		return err
	}
	p.checked = time.Now()
	names := func(r card.Role) string { return "rehearsal-" + string(r) }
	err := p.own.decideAll(ctx, p.Folder, p.Rollout, "rehearsal-maker", names, func(phase, by string) { p.tell("%s by %s", phase, by) })
	if err != nil {
		return err
	}
	p.started = time.Now()
	if err := p.await(ctx, func(v postgres.View) bool { return v.Status.Ended() || v.Status == card.RolloutStopped }); err != nil {
		return err
	}
	p.tell("%s", watchLine(p.last))
	return p.awaitBooks(ctx)
}

func (p *rehearsing) tell(format string, args ...any) {
	p.progress.line("%6.1fs  "+format, append([]any{time.Since(p.began).Seconds()}, args...)...)
}

// await waits until the rollout is there, or nothing happens any more.
func (p *rehearsing) await(ctx context.Context, there func(postgres.View) bool) error {
	tick := time.NewTicker(rehearsalLook)
	defer tick.Stop()
	p.moved = time.Now()
	for {
		v, err := p.own.ledger.Show(ctx, p.Rollout, false)
		if err != nil {
			return err
		}
		p.progress.show(watchLine(v))
		if p.last = v; there(v) {
			return nil
		}
		if err := p.moves(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// moves returns errAtRest once nothing has happened for longer than any partner may keep the hub waiting.
func (p *rehearsing) moves(ctx context.Context) error {
	pace, err := p.own.ledger.Pace(ctx, p.Rollout)
	if err != nil {
		return err
	}
	if pace != p.pace {
		p.pace, p.moved = pace, time.Now()
	}
	if time.Since(p.moved) > p.longestWait() {
		return errAtRest
	}
	return nil
}

// longestWait is longer than any partner keeps the hub waiting that answers at all.
func (p *rehearsing) longestWait() time.Duration {
	longest := p.script.Longest
	for _, x := range p.own.cfg.Partners {
		longest = max(longest, x.AnswerWithin)
	}
	return longest + p.script.Longest + atRest
}

// awaitBooks waits until the banks have told of everything that came back.
func (p *rehearsing) awaitBooks(ctx context.Context) error {
	if p.last.Status != card.RolloutDone {
		return nil
	}
	return p.await(ctx, func(v postgres.View) bool {
		b, err := askBooks(ctx, filepath.Join(p.Folder, "partners"), p.Rollout)
		if err != nil {
			return false
		}
		_, fen := b.net()
		return fen == v.Payout.Money.Paid.Fen
	})
}
