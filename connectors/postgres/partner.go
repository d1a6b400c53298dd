package postgres

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// PartnerReport is what a conformance test found about a partner.
type PartnerReport struct {
	No      int64     `json:"no"`
	Partner string    `json:"partner"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Binding string    `json:"binding"` // digest of what was tested: settings, layouts, host key
	Green   bool      `json:"green"`
	Passed  int       `json:"passed"`
	Failed  int       `json:"failed"`
	Idle    int       `json:"not_applicable"`
	SM3     string    `json:"sm3"` // of Text
	Text    string    `json:"-"`   // the report in JSON
}

// What people decided about a partner.
const (
	PartnerAsked     = "asked"     // somebody asks for it to go live; a second person is waited for
	PartnerLive      = "live"      // a second person has confirmed
	PartnerSuspended = "suspended" // taken out
)

// PartnerDecision is one decision about a partner.
type PartnerDecision struct {
	What    string    `json:"what"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Binding string    `json:"binding,omitempty"`
	Report  int64     `json:"report,omitempty"`
	Reason  string    `json:"reason,omitempty"`
}

// PartnerStanding is how a partner stands: its last report and all decisions, oldest first.
type PartnerStanding struct {
	Report    *PartnerReport    `json:"report,omitempty"`
	Decisions []PartnerDecision `json:"decisions,omitempty"`
}

// Last returns the last decision; the zero one when there is none.
func (s PartnerStanding) Last() PartnerDecision {
	if len(s.Decisions) == 0 {
		return PartnerDecision{}
	}
	return s.Decisions[len(s.Decisions)-1]
}

// KeepPartnerReport stores a report, which nobody can change or remove any more, and puts its digest into the audit chain. It
// returns the report with its number.
func (l *Ledger) KeepPartnerReport(ctx context.Context, r PartnerReport) (PartnerReport, error) {
	sum := sm3.Sum([]byte(r.Text))
	r.SM3 = hex.EncodeToString(sum[:])
	r.At = l.now().UTC().Truncate(time.Microsecond)
	err := l.tx(ctx, "keep the report", func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			insert into partner_report (partner, at, by_whom, binding, green, passed, failed, idle, report, sm3)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning no`,
			r.Partner, r.At, r.By, r.Binding, r.Green, r.Passed, r.Failed, r.Idle, r.Text, r.SM3).Scan(&r.No)
		if err != nil {
			return err
		}
		detail := fmt.Sprintf("report %d, sm3 %s, binding %s, %d passed, %d failed, %d not applicable", r.No, r.SM3, r.Binding, r.Passed, r.Failed, r.Idle)
		return l.audit(ctx, tx, r.By, "partner.tested", r.Partner, detail)
	})
	return r, err
}

// PartnerStanding returns how a partner stands; one that nobody has tested or decided about stands nowhere.
func (l *Ledger) PartnerStanding(ctx context.Context, partner string) (PartnerStanding, error) {
	var s PartnerStanding
	err := l.tx(ctx, "look at partner "+partner, func(tx pgx.Tx) (err error) {
		s, err = standing(ctx, tx, partner)
		return err
	})
	return s, err
}

func standing(ctx context.Context, tx pgx.Tx, partner string) (PartnerStanding, error) {
	var s PartnerStanding
	var r PartnerReport
	err := tx.QueryRow(ctx, `
		select no, partner, at, by_whom, binding, green, passed, failed, idle, sm3, report from partner_report
		where partner = $1 order by no desc limit 1`, partner).Scan(
		&r.No, &r.Partner, &r.At, &r.By, &r.Binding, &r.Green, &r.Passed, &r.Failed, &r.Idle, &r.SM3, &r.Text)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return s, err
	}
	if err == nil {
		s.Report = &r
	}
	rows, err := tx.Query(ctx, `
		select what, at, by_whom, binding, coalesce(report, 0), reason from partner_decision where partner = $1 order by no`, partner)
	if err != nil {
		return s, err
	}
	s.Decisions, err = pgx.CollectRows(rows, pgx.RowToStructByPos[PartnerDecision])
	return s, err
}

// AskPartnerLive records that by asks for the partner to go live as it is configured now (binding). It wants the last report to
// be green and to belong to that; asking again changes nothing.
func (l *Ledger) AskPartnerLive(ctx context.Context, partner, by, binding string) error {
	return l.decidePartner(ctx, partner, "ask for the partner to go live", func(s PartnerStanding) (PartnerDecision, error) {
		d := PartnerDecision{What: PartnerAsked, By: by, Binding: binding}
		if err := s.proves(binding); err != nil {
			return d, err
		}
		d.Report = s.Report.No
		if last := s.Last(); last.Binding == binding && (last.What == PartnerAsked || last.What == PartnerLive) {
			return PartnerDecision{}, nil
		}
		return d, nil
	})
}

// ApprovePartnerLive records that by, another person than who asked, confirms that the partner goes live as it is configured now.
// What has changed since it was asked for, or a report that is no longer green, stops it.
func (l *Ledger) ApprovePartnerLive(ctx context.Context, partner, by, binding string) error {
	const op = "approve the partner"
	return l.decidePartner(ctx, partner, op, func(s PartnerStanding) (PartnerDecision, error) {
		d, last := PartnerDecision{What: PartnerLive, By: by, Binding: binding}, s.Last()
		if last.What == PartnerLive && last.Binding == binding {
			return PartnerDecision{}, nil
		}
		if last.What != PartnerAsked {
			return d, card.E(card.Conflict, op, card.ReasonPartnerNotAsked, nil)
		}
		if err := s.proves(binding); err != nil {
			return d, err
		}
		if last.Binding != binding {
			return d, card.E(card.Conflict, op, card.ReasonPartnerStale, nil)
		}
		if last.By == by {
			return d, card.E(card.Denied, op, card.ReasonSecondPerson, nil)
		}
		d.Report = s.Report.No
		return d, nil
	})
}

// SuspendPartner takes a partner out; reason says why.
func (l *Ledger) SuspendPartner(ctx context.Context, partner, by, reason string) error {
	return l.decidePartner(ctx, partner, "suspend the partner", func(s PartnerStanding) (PartnerDecision, error) {
		if s.Last().What == PartnerSuspended {
			return PartnerDecision{}, nil
		}
		return PartnerDecision{What: PartnerSuspended, By: by, Reason: reason}, nil
	})
}

// proves wants the last report to be green and of the present configuration.
func (s PartnerStanding) proves(binding string) error {
	const op = "look at the partner's report"
	switch {
	case s.Report == nil:
		return card.E(card.Conflict, op, card.ReasonPartnerUntested, nil)
	case s.Report.Binding != binding:
		return card.E(card.Conflict, op, card.ReasonPartnerStale, nil)
	case !s.Report.Green:
		return card.E(card.Conflict, op, card.ReasonPartnerFailed, nil)
	}
	return nil
}

// decidePartner adds the decision that decide makes of how the partner stands; the zero decision adds none. Decisions about one
// partner wait for each other.
func (l *Ledger) decidePartner(ctx context.Context, partner, op string, decide func(PartnerStanding) (PartnerDecision, error)) error {
	return l.tx(ctx, op, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "lock table partner_decision in share row exclusive mode"); err != nil {
			return err
		}
		s, err := standing(ctx, tx, partner)
		if err != nil {
			return err
		}
		d, err := decide(s)
		if err != nil || d.What == "" {
			return err
		}
		if _, err := tx.Exec(ctx, `
			insert into partner_decision (partner, what, at, by_whom, binding, report, reason) values ($1, $2, $3, $4, $5, nullif($6, 0), $7)`,
			partner, d.What, l.now(), d.By, d.Binding, d.Report, d.Reason); err != nil {
			return err
		}
		return l.audit(ctx, tx, d.By, "partner."+d.What, partner, fmt.Sprintf("binding %s, report %d, reason %s", d.Binding, d.Report, d.Reason))
	})
}
