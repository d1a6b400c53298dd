package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"onecard/card"
	"onecard/connectors/postgres"
)

// trial is a measurement of a whole rollout, on a stack of its own in a folder of its own.
type trial struct {
	profile string // folder for CPU profiles, if any
	log     io.Writer
	dir     string
}

// trialFigures are what is measured of every rollout.
type trialFigures struct {
	Seconds          float64            `json:"seconds"` // from the roster to the last answer
	Phases           map[string]float64 `json:"phases"`  // seconds
	PeakRSSMiB       map[string]int     `json:"peak_rss_mib"`
	HistoryEventsMax int                `json:"history_events_max"`
	Machine          machine            `json:"machine"`
}

// trialPlan is what is measured, and what stands around it.
type trialPlan struct {
	prepare func(ctx context.Context, h *hub) error
	run     func(ctx context.Context, h *hub, p *phases) (card.RolloutID, error)
	judge   func(ctx context.Context, h *hub, id card.RolloutID, partners string) error // by the ledgers in that folder
}

// measure starts the stack, prepares, measures the run, judges it, and leaves nothing behind.
func (t *trial) measure(ctx context.Context, plan trialPlan) (f trialFigures, err error) {
	f.Machine = thisMachine()
	if t.dir, err = os.MkdirTemp("", "onecard-bench-"); err != nil {
		return f, fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(t.dir)) }()
	st, err := startStack(ctx, upOptions{dir: t.dir, banks: []string{"ICBC", "ABC", "CCB"}, profile: t.profile, log: t.log})
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, st.Stop()) }()
	h, err := openHub(ctx, &settings{dir: t.dir})
	if err != nil {
		return f, err
	}
	defer h.close()
	if err := plan.prepare(ctx, h); err != nil {
		return f, err
	}
	peak, p := watchMemory(st), newPhases()
	id, err := plan.run(ctx, h, p)
	f.Seconds, f.Phases, f.PeakRSSMiB = p.total(), p.seconds, peak()
	if err != nil {
		return f, err
	}
	if f.HistoryEventsMax, err = h.longestHistory(ctx, id); err != nil {
		return f, err
	}
	return f, plan.judge(ctx, h, id, filepath.Join(t.dir, "partners"))
}

// await follows the rollout until it is done; each look is shown to seen, too.
func (t *trial) await(ctx context.Context, h *hub, id card.RolloutID, seen func(postgres.View)) error {
	p := progressTo(t.log)
	v, err := h.follow(ctx, id, func(v postgres.View) {
		p.show(watchLine(v))
		seen(v)
	})
	p.end()
	if err == nil && v.Status != card.RolloutDone {
		err = fmt.Errorf("the rollout ended as %s %s", v.Status, v.Note)
	}
	return err
}

// perSecond is how many of the rows a second has seen.
func (f trialFigures) perSecond(rows int) float64 {
	if f.Seconds == 0 {
		return 0
	}
	return float64(int(float64(rows)/f.Seconds*10)) / 10
}

// lines are the figures for people; the phases in the order of their names here.
func (f trialFigures) lines(names ...string) table {
	t := table{{"seconds", fmt.Sprint(f.Seconds)}}
	for _, name := range names {
		t = append(t, []string{"  " + name, fmt.Sprint(f.Phases[name])})
	}
	for name, mib := range f.PeakRSSMiB {
		t = append(t, []string{"peak MiB " + name, fmt.Sprint(mib)})
	}
	return append(t, []string{"longest history", fmt.Sprint(f.HistoryEventsMax)}, []string{"machine", fmt.Sprintf("%+v", f.Machine)})
}

// phases are the seconds of the parts of a run, one after another.
type phases struct {
	began, last time.Time
	seconds     map[string]float64
}

func newPhases() *phases {
	now := time.Now()
	return &phases{began: now, last: now, seconds: map[string]float64{}}
}

// end ends a phase, and begins the next.
func (p *phases) end(name string) {
	now := time.Now()
	p.seconds[name] += seconds(now.Sub(p.last))
	p.last = now
}

// total is the time from the beginning to the end of the last phase.
func (p *phases) total() float64 { return seconds(p.last.Sub(p.began)) }

func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }
