package main

import (
	"cmp"
	"math"
	"slices"
	"time"

	"onecard/card"
	"onecard/connectors/postgres"
)

// account is what the files of a rehearsal tell of its time.
type account struct {
	view      postgres.View
	funds     map[string]stretch // by bank: from the block to the release
	delivered time.Time          // the last payment file
	answered  time.Time          // the last answer about payments
	blocked   time.Time          // the last block
	enquiries rehearsedEnquiries
	late      []rehearsedLate
	lateDays  map[string]float64 // by phase
	rounds    map[string]int     // of enquiries, by phase
	times     payTimes           // as agreed
	notice    int
}

// stretch is from when to when; a zero end has not come.
type stretch struct{ from, to time.Time }

// accountOf reads the requests of a rehearsal.
func (p *rehearsing) accountOf(v postgres.View, files []postgres.FileRecord) *account {
	a := &account{view: v, funds: map[string]stretch{}, late: []rehearsedLate{}, lateDays: map[string]float64{}, rounds: map[string]int{}, times: p.real.payTimes(p.before.Batches),
		notice: p.before.Payout.NoticeDays}
	for _, f := range files {
		if f.Confirmed == nil {
			continue
		}
		a.take(f)
		p.beLate(a, f)
	}
	slices.SortFunc(a.late, func(x, y rehearsedLate) int {
		return cmp.Or(cmp.Compare(x.Partner, y.Partner), cmp.Compare(x.Kind, y.Kind))
	})
	return a
}

// take notes when a request went out and was answered.
func (a *account) take(f postgres.FileRecord) {
	if f.Kind == card.FundReq {
		a.takeFunds(f)
	}
	if f.Kind == card.PayReq {
		a.delivered = later(a.delivered, f.Confirmed)
		a.answered = later(a.answered, f.Processed)
	}
	if f.Kind == card.PayEnq {
		a.answered = later(a.answered, f.Processed)
		a.enquiries.Files++
		a.enquiries.Rows += f.Rows
		a.enquiries.Rounds = max(a.enquiries.Rounds, f.Round)
		a.rounds[a.phaseOf(f)] = max(a.rounds[a.phaseOf(f)], f.Round)
	}
}

func (a *account) takeFunds(f postgres.FileRecord) {
	b, err := card.ParseBatchID(f.Batch)
	if err != nil || f.Processed == nil {
		return
	}
	s := a.funds[b.Bank]
	if f.Round%2 == 0 {
		s.from, a.blocked = *f.Processed, later(a.blocked, f.Processed)
	} else {
		s.to = *f.Processed
	}
	a.funds[b.Bank] = s
}

func later(t time.Time, other *time.Time) time.Time {
	if other != nil && other.After(t) {
		return *other
	}
	return t
}

// beLate notes an answer that came past its deadline, or is overdue, and how late it would be by the calendar.
func (p *rehearsing) beLate(a *account, f postgres.FileRecord) {
	due := *f.Confirmed
	for _, x := range p.own.cfg.Partners {
		if x.Name == f.Partner {
			due = due.Add(x.AnswerWithin)
		}
	}
	end, never := a.view.AsOf, f.Processed == nil
	if !never {
		end = *f.Processed
	}
	if !end.After(due) {
		return
	}
	i := slices.IndexFunc(a.late, func(l rehearsedLate) bool { return l.Partner == f.Partner && l.Kind == f.Kind })
	if i < 0 {
		i, a.late = len(a.late), append(a.late, rehearsedLate{Partner: f.Partner, Kind: f.Kind})
	}
	if never {
		a.late[i].Never++
		return
	}
	over := days(p.meant(end.Sub(due)))
	a.late[i].Late++
	a.late[i].Days = max(a.late[i].Days, over)
	phase := a.phaseOf(f)
	a.lateDays[phase] = max(a.lateDays[phase], over)
}

// phaseOf is the phase that waits for the answer to a request.
func (a *account) phaseOf(f postgres.FileRecord) string {
	if f.Kind == card.FundReq {
		return "block"
	}
	if f.Kind == card.MatchReq || f.Kind == card.AcctQry {
		return "checks"
	}
	for _, b := range a.view.Batches {
		if b.ID == f.Batch && b.Kind == card.CanaryBatch {
			return "canary"
		}
	}
	return "answered"
}

// days is a time in days, to a tenth.
func days(d time.Duration) float64 { return math.Round(d.Hours()/2.4) / 10 }

// time tells the phases one after the other.
func (a *account) time(p *rehearsing, result string) rehearsedTime {
	agreed := a.agreed()
	t := rehearsedTime{Faster: math.Round(p.factor), NoticeDays: a.notice, Days: float64(a.notice), Seconds: seconds(a.view.AsOf.Sub(p.began))}
	from := p.began
	for _, m := range a.marks(p) {
		phase := rehearsedPhase{Phase: m.phase, Reached: m.reached, Days: days(agreed[m.phase]), Late: a.lateDays[m.phase]}
		if m.at.After(from) {
			if m.phase == "block" { // what people decide in between takes no time here
				from = p.started
			}
			phase.Seconds, from = seconds(m.at.Sub(from)), m.at
		}
		t.Days += phase.Days + phase.Late
		t.Phases = append(t.Phases, phase)
	}
	t.Days = math.Round(t.Days*10) / 10
	if by := p.At.Add(time.Duration(t.Days * 24 * float64(time.Hour))).Truncate(time.Minute); result == resultDone {
		t.FinishedBy = &by
	}
	return t
}

// agreed is the calendar time of the phases. Each round of enquiries takes as long as an answer.
func (a *account) agreed() map[string]time.Duration {
	rounds := func(phase string) time.Duration { return a.times.answer * time.Duration(a.rounds[phase]) }
	return map[string]time.Duration{"checks": a.times.checks, "block": a.times.block, "canary": a.times.canary + rounds("canary"),
		"delivered": a.times.deliver, "answered": a.times.answer + rounds("answered")}
}

// mark is when a phase was over, or how far it came.
type mark struct {
	phase   string
	at      time.Time
	reached bool
}

func (a *account) marks(p *rehearsing) []mark {
	m := a.view.Payout.Money
	marks := []mark{{"checks", p.checked, !p.checked.IsZero()}, {"block", a.blocked, a.allBlocked()}}
	if b := a.view.Batches; len(b) > 0 && b[0].Kind == card.CanaryBatch {
		marks = append(marks, mark{"canary", later(time.Time{}, b[0].FinishedAt), b[0].FinishedAt != nil})
	}
	sent := !p.started.IsZero() && m.Planned.Rows == 0 && m.Released.Rows > 0
	return append(marks, mark{"delivered", a.delivered, sent}, mark{"answered", a.answered, sent && m.Out.Rows+m.Unknown.Rows == 0})
}

func (a *account) allBlocked() bool {
	for _, b := range a.view.Payout.Banks {
		if a.funds[b.Bank].from.IsZero() {
			return false
		}
	}
	return true
}

// banks tell of the payer's money: what must stand there, and how long it is blocked.
func (a *account) banks() []rehearsedBank {
	agreed := a.agreed()
	blocked := agreed["canary"] + agreed["delivered"] + agreed["answered"] + a.times.answer // until its release is answered
	late := a.lateDays["canary"] + a.lateDays["answered"]
	list := make([]rehearsedBank, 0, len(a.view.Payout.Banks))
	for _, b := range a.view.Payout.Banks {
		r := rehearsedBank{Bank: b.Bank, MustStand: b.Money.Pending.Fen + b.Money.Paid.Fen + b.Money.Returned.Fen}
		for _, f := range a.view.Payout.Funds {
			if f.Bank == b.Bank {
				r.MustStand, r.Blocked, r.Released, r.Reason = f.Fen, f.Blocked, f.Released, f.Reason
			}
		}
		if s := a.funds[b.Bank]; r.Blocked > 0 {
			r.Open = s.to.IsZero()
			if r.Open {
				s.to = a.view.AsOf
			}
			r.Seconds, r.Days = seconds(s.to.Sub(s.from)), days(blocked)+late
		}
		list = append(list, r)
	}
	return list
}
