package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"onecard/card"
	"onecard/connectors/postgres"
	"onecard/workflows"
)

// rehearsedStop is where the rollout would stop by itself until somebody resumes it. The rehearsal does so, and goes on.
type rehearsedStop struct {
	Reason  card.Reason `json:"reason"`
	Bank    string      `json:"bank,omitempty"` // whose canary failed, or where money is short
	Phase   string      `json:"phase"`          // block or canary; empty: another
	Seconds float64     `json:"seconds"`        // from the beginning of the rehearsal
	Days    float64     `json:"days"`           // by the calendar, at most
	Bad     int         `json:"bad,omitempty"`  // payments of the canary that were not made
	Rows    int         `json:"rows,omitempty"` // of the canary
	Lacking int64       `json:"lacking_fen,omitempty"`
	TodoZH  string      `json:"todo_zh"` // what somebody would have to do
	TodoEN  string      `json:"todo_en"`
	Resumed bool        `json:"resumed"` // the rehearsal went on from here
	order   string      // that the bank did not carry out
}

// goOn plays from the start to the end: where the rollout stops by itself, it notes that, takes the operator's step and goes on, unless
// the step does not help.
func (p *rehearsing) goOn(ctx context.Context) error {
	for {
		if err := p.await(ctx, func(v postgres.View) bool { return v.Status.Ended() || v.Status == card.RolloutStopped }); err != nil {
			return err
		}
		p.tell("%s", watchLine(p.last))
		if p.last.Status != card.RolloutStopped {
			return nil
		}
		stops, err := p.findStops(ctx)
		if err != nil {
			return err
		}
		resumed, err := p.resume(ctx, stops)
		for i := range stops {
			stops[i].Resumed = resumed && err == nil
		}
		p.stops = append(p.stops, stops...)
		if err != nil || !resumed {
			return err
		}
	}
}

// findStops finds why the rollout has stopped: at several banks canaries may have failed or money be short. There is nothing new where
// one of them made it stop once more after it was resumed for all.
func (p *rehearsing) findStops(ctx context.Context) ([]rehearsedStop, error) {
	reason := card.Reason(p.last.Note)
	text := reason.Text()
	stop := rehearsedStop{Reason: reason, Seconds: seconds(time.Since(p.began)), TodoZH: text.MendZH, TodoEN: text.MendEN}
	if reason == card.ReasonFundsShort {
		stop.Phase = "block"
		return p.shortAt(stop), nil
	}
	if reason == card.ReasonCanaryFailed {
		stop.Phase = "canary"
		return p.failedCanaries(ctx, stop)
	}
	return []rehearsedStop{stop}, nil
}

// shortAt tells the banks where money is short, and what lacks there. All banks are asked together: an order that was told of at an earlier
// stop is about to be given anew.
func (p *rehearsing) shortAt(stop rehearsedStop) (stops []rehearsedStop) {
	for _, f := range p.last.Payout.Funds {
		told := slices.ContainsFunc(p.stops, func(before rehearsedStop) bool { return before.order == f.Order })
		if f.Reason == "" || told {
			continue
		}
		stop.Bank, stop.order, stop.Lacking = f.Bank, f.Order, 0
		if f.Balance != nil {
			stop.Lacking = max(0, f.Fen-*f.Balance)
		}
		stops = append(stops, stop)
	}
	return stops
}

// failedCanaries tells of the canaries that have failed since the last stop.
func (p *rehearsing) failedCanaries(ctx context.Context, stop rehearsedStop) (stops []rehearsedStop, err error) {
	events, err := p.own.ledger.Timeline(ctx, p.Rollout)
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		b, err := card.ParseBatchID(e.Batch)
		if e.What != postgres.EventCanaryFailed || err != nil || slices.Contains(p.failed, e.Batch) {
			continue
		}
		p.failed = append(p.failed, e.Batch)
		stop.Bank, stop.Bad, stop.Rows = b.Bank, count(e.Args["bad"]), count(e.Args["rows"])
		stops = append(stops, stop)
	}
	return stops, nil
}

// count is a number of an event.
func count(v any) int {
	n, _ := v.(float64)
	return int(n)
}

// resume takes the operator's step, and says whether there is one that helps: a failed canary is overruled, and money that lacks is paid
// in. A bank that goes on refusing after that is left alone.
func (p *rehearsing) resume(ctx context.Context, stops []rehearsedStop) (bool, error) {
	for _, s := range stops {
		again := slices.ContainsFunc(p.stops, func(before rehearsedStop) bool { return before.Reason == s.Reason && before.Bank == s.Bank })
		if again || s.Reason != card.ReasonFundsShort && s.Reason != card.ReasonCanaryFailed {
			return false, nil
		}
		p.tell("it would stop here (在此会自动停止): %s %s", s.Reason, bankName(s.Bank))
		if s.Lacking > 0 {
			if err := p.payIn(ctx, s.Bank, s.Lacking); err != nil {
				return false, err
			}
		}
	}
	_, err := p.own.decide(ctx, p.Rollout, workflows.UpdateResume, card.Decision{By: "rehearsal-maker", Note: "rehearsal"})
	return err == nil, err
}

// payIn pays money into the payer's account at a simulated bank.
func (p *rehearsing) payIn(ctx context.Context, bank string, fen int64) error {
	program, err := ownProgram("partners")
	if err != nil {
		return err
	}
	for _, x := range p.own.cfg.Partners {
		if x.Bank != bank {
			continue
		}
		cmd := exec.CommandContext(ctx, program, "deposit", "--dir", filepath.Join(p.Folder, "partners"), "--partner", x.Name, "--account", x.PayerAccount, //nolint:gosec // our own program
			"--fen", strconv.FormatInt(fen, 10))
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("pay into the payer's account at %s: %w: %s", x.Name, err, out)
		}
	}
	return nil
}

// stopsOf are the stops with the day of the calendar by which they come at the latest.
func stopsOf(stops []rehearsedStop, t rehearsedTime) []rehearsedStop {
	dated := slices.Clone(stops)
	for i := range dated {
		dated[i].Days = float64(t.NoticeDays)
		for _, phase := range t.Phases {
			dated[i].Days += phase.Days + phase.Late
			if phase.Phase == dated[i].Phase {
				break
			}
		}
		dated[i].Days = math.Round(dated[i].Days*10) / 10
	}
	return append([]rehearsedStop{}, dated...)
}

func (r rehearsalReport) writeStops(w io.Writer) error {
	if len(r.Stops) == 0 {
		return nil
	}
	_, _ = fmt.Fprintln(w, "it would stop here (会自动停止之处)")
	t := table{{"reason 原因", "bank 银行", "after 用时", "by day 最迟第几天", "", "then 演练中"}}
	for _, s := range r.Stops {
		what, then := "", "the end 到此为止"
		if s.Rows > 0 {
			what = fmt.Sprintf("%d of %d rows went wrong 笔未成功", s.Bad, s.Rows)
		}
		if s.Reason == card.ReasonFundsShort {
			what = fmt.Sprintf("%s yuan lacking 元不足", yuan(s.Lacking))
		}
		if s.Resumed {
			then = "resumed 已继续"
		}
		t = append(t, []string{string(s.Reason), placeName(bankName, s.Bank), fmt.Sprintf("%.1f s", s.Seconds), oneDigit(s.Days), what, then})
	}
	if err := t.write(w); err != nil {
		return err
	}
	told := []card.Reason{}
	for _, s := range r.Stops {
		if !slices.Contains(told, s.Reason) {
			told = append(told, s.Reason)
			_, _ = fmt.Fprintf(w, "  %s 怎么办: %s\n  what now: %s\n", s.Reason, s.TodoZH, s.TodoEN)
		}
	}
	_, err := fmt.Fprintln(w)
	return err
}
