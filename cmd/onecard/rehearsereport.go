package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"time"

	"onecard/card"
	"onecard/connectors/postgres"
)

// rehearsalReport is what `rollout rehearse -o json` prints.
type rehearsalReport struct {
	Rollout    card.RolloutID         `json:"rollout"`
	Status     card.RolloutStatus     `json:"status"` // of the real rollout, which stays
	By         string                 `json:"by"`
	At         time.Time              `json:"at"`
	Faults     rehearsedFaults        `json:"faults"`
	Result     string                 `json:"result"`         // done, stopped, waiting, patience
	Note       string                 `json:"note,omitempty"` // why it stopped, as a reason code
	Waiting    []postgres.Waiting     `json:"waiting"`
	Time       rehearsedTime          `json:"time"`
	Money      postgres.Money         `json:"money"`
	Banks      []rehearsedBank        `json:"banks"`
	Exceptions []rehearsedException   `json:"exceptions"`
	Enquiries  rehearsedEnquiries     `json:"enquiries"`
	Late       []rehearsedLate        `json:"late"`
	Answers    []postgres.AnswerFault `json:"answer_faults"` // what was wrong with what the partners sent
	Invariants []postgres.Invariant   `json:"invariants"`
	Books      rehearsedBooks         `json:"books"`
	Kept       *postgres.Rehearsal    `json:"kept,omitempty"`
}

// rehearsedFaults is the faults file.
type rehearsedFaults struct {
	File     string   `json:"file,omitempty"` // empty: none
	SM3      string   `json:"sm3,omitempty"`
	Rules    int      `json:"rules"`
	Partners []string `json:"partners"` // that it names
}

// rehearsedTime tells real seconds and calendar time apart. Days are of 24 hours.
type rehearsedTime struct {
	Seconds    float64          `json:"seconds"`     // the rehearsal itself, waits played faster
	Faster     float64          `json:"faster"`      // how many times as fast waits were played
	NoticeDays int              `json:"notice_days"` // counted, not waited for
	Days       float64          `json:"days"`        // by the calendar, when everybody takes all the agreed time and is late as rehearsed
	FinishedBy *time.Time       `json:"finished_by"` // if it began now and was decided about without delay; null when it did not end
	Phases     []rehearsedPhase `json:"phases"`
}

// rehearsedPhase is one phase.
type rehearsedPhase struct {
	Phase   string  `json:"phase"`   // checks, block, canary, delivered, answered
	Seconds float64 `json:"seconds"` // in the rehearsal; 0 for what was not reached
	Reached bool    `json:"reached"`
	Days    float64 `json:"agreed_days"` // by the calendar, as agreed
	Late    float64 `json:"late_days"`   // by the calendar, past the agreed time
}

// rehearsedBank is the payer's money at one bank.
type rehearsedBank struct {
	Bank      string      `json:"bank"`
	MustStand int64       `json:"must_stand"` // fen that must be available on the payer's account
	Blocked   int64       `json:"blocked"`
	Released  int64       `json:"released"` // at the end, of what came back or was not sent
	Seconds   float64     `json:"blocked_seconds"`
	Days      float64     `json:"blocked_days"` // by the calendar, at most
	Open      bool        `json:"still_blocked"`
	Reason    card.Reason `json:"reason,omitempty"`
}

// rehearsedException is payments that were not made, for one cause at one bank.
type rehearsedException struct {
	State   string       `json:"state"` // Refused, Held, Unknown, Returned
	Reason  card.Reason  `json:"reason"`
	Bank    string       `json:"bank,omitempty"`
	Sum     postgres.Sum `json:"sum"`
	Already postgres.Sum `json:"already"` // of these before the rehearsal
	status  card.PayStatus
}

// rehearsedEnquiries are the questions to banks what became of payments.
type rehearsedEnquiries struct {
	Files  int `json:"files"`
	Rows   int `json:"rows"`
	Rounds int `json:"rounds"` // of the batch that was asked about most often
}

// rehearsedLate is one partner's answers past their deadlines, or not there at all.
type rehearsedLate struct {
	Partner string        `json:"partner"`
	Kind    card.FileKind `json:"kind"` // of the request
	Late    int           `json:"late"`
	Days    float64       `json:"days"`  // by the calendar, of the latest
	Never   int           `json:"never"` // overdue at the end of the rehearsal
}

// rehearsedBooks is what the simulated banks' own books say.
type rehearsedBooks struct {
	Rows   int   `json:"rows"` // credited less what came back
	Fen    int64 `json:"fen"`
	Twice  int   `json:"twice"` // people who were credited more than once
	Agrees bool  `json:"agrees"`
}

// report finds out what the rehearsal has come to.
func (p *rehearsing) report(ctx context.Context, result string) (r rehearsalReport, err error) {
	v, err := p.own.show(ctx, p.Rollout)
	if err != nil {
		return r, err
	}
	r = rehearsalReport{Rollout: p.Rollout, Status: p.before.Status, By: p.By, At: p.At, Result: result, Note: v.Note, Waiting: v.Waiting,
		Money: v.Payout.Money, Invariants: v.Invariants, Faults: rehearsedFaults{Rules: p.script.Rules, Partners: p.script.Partners}}
	if p.order.faults != "" {
		sum, err := digestOf(p.order.faults)
		if err != nil {
			return r, err
		}
		r.Faults.File, r.Faults.SM3 = filepath.Base(p.order.faults), hex.EncodeToString(sum[:])
	}
	files, err := p.own.ledger.FindFiles(ctx, postgres.FileFilter{Rollout: p.Rollout, Direction: "out", Limit: math.MaxInt32})
	if err != nil {
		return r, err
	}
	a := p.accountOf(v, files)
	r.Time, r.Banks, r.Enquiries, r.Late = a.time(p, result), a.banks(), a.enquiries, a.late
	if r.Exceptions, err = p.exceptions(ctx); err != nil {
		return r, err
	}
	if r.Answers, err = p.own.ledger.AnswerFaults(ctx); err != nil {
		return r, err
	}
	if r.Books, err = p.askBooks(ctx, result, v.Payout.Money); err != nil {
		return r, err
	}
	if p.order.keep {
		kept := p.Rehearsal
		kept.Kept, r.Kept = true, &kept
	}
	return r, nil
}

// exceptions are the payments that were not made, over all cities.
func (p *rehearsing) exceptions(ctx context.Context) ([]rehearsedException, error) {
	now, err := p.own.ledger.FollowUps(ctx, p.Rollout)
	if err != nil {
		return nil, err
	}
	type key struct {
		status card.PayStatus
		reason card.Reason
		bank   string
	}
	all := map[key]*rehearsedException{}
	at := func(f postgres.FollowUp) *rehearsedException {
		k := key{f.Status, f.Reason, f.Bank}
		if all[k] == nil {
			all[k] = &rehearsedException{State: f.Status.String(), Reason: f.Reason, Bank: f.Bank, status: f.Status}
		}
		return all[k]
	}
	for _, f := range now {
		e := at(f)
		e.Sum.Rows, e.Sum.Fen = e.Sum.Rows+f.Sum.Rows, e.Sum.Fen+f.Sum.Fen
	}
	for _, f := range p.already {
		e := at(f)
		e.Already.Rows, e.Already.Fen = e.Already.Rows+f.Sum.Rows, e.Already.Fen+f.Sum.Fen
	}
	list := make([]rehearsedException, 0, len(all))
	for _, e := range all {
		if e.Sum.Rows > 0 { // a row that was held may have ended as refused
			list = append(list, *e)
		}
	}
	slices.SortFunc(list, func(a, b rehearsedException) int {
		return cmp.Or(cmp.Compare(a.status, b.status), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Bank, b.Bank))
	})
	return list, nil
}

// askBooks asks the simulated banks' own books.
func (p *rehearsing) askBooks(ctx context.Context, result string, m postgres.Money) (rehearsedBooks, error) {
	b, err := askBooks(ctx, filepath.Join(p.Folder, "partners"), p.Rollout)
	if err != nil {
		return rehearsedBooks{}, err
	}
	r := rehearsedBooks{Twice: len(b.Twice)}
	r.Rows, r.Fen = b.net()
	r.Agrees = r.agree(result, m)
	return r, nil
}

// agree holds the books against the ledger. Before the end they may be ahead of it: money was credited, or has come back, of which the
// hub has not been told yet.
func (r rehearsedBooks) agree(result string, m postgres.Money) bool {
	return r.Twice == 0 && r.Fen <= m.Paid.Fen+m.Pending.Fen && (result != resultDone || r.Fen == m.Paid.Fen)
}

// event is what the real rollout's timeline says of the rehearsal.
func (r rehearsalReport) event() map[string]any {
	m := r.Money
	return map[string]any{"result": r.Result, "faults": cmp.Or(r.Faults.File, "-"), "faults_sm3": r.Faults.SM3, "rows": m.Intended.Rows, "paid": m.Paid.Rows,
		"returned": m.Returned.Rows, "unknown": m.Unknown.Rows, "refused": m.Refused.Rows, "twice": r.Books.Twice, "sound": r.sound()}
}

// sound says whether nothing went wrong that must never go wrong.
func (r rehearsalReport) sound() bool {
	return r.Books.Agrees && !slices.ContainsFunc(r.Invariants, func(i postgres.Invariant) bool { return !i.Holds })
}

// fault is what a rehearsal must not come to; exceptions, a stop and silence are its findings, not its failures.
func (r rehearsalReport) fault() error {
	if !r.sound() {
		return card.E(card.Breach, "hold the rehearsal against the banks' books", card.ReasonInvariantBreach, errors.New("see the report"))
	}
	if r.Result == resultPatience {
		return errors.New("the rehearsal took longer than --patience allows; the report tells how far it came (演练超过 --patience 规定的时间，报告为已演练部分)")
	}
	return nil
}
