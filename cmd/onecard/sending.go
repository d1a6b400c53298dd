package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
)

// payTerms is what is agreed with a bank about payment files.
type payTerms struct {
	places int // files at once
	answer time.Duration
	window *card.Window // nil: it takes them at any time
}

// payTerms is what is agreed with the banks, by prefix.
func (h *hub) payTerms() map[string]payTerms {
	all := map[string]payTerms{}
	for _, p := range h.cfg.Partners {
		if p.Kind == config.Bank {
			all[p.Bank] = payTerms{max(1, p.Concurrency), p.AnswerWithin, h.window(p)}
		}
	}
	return all
}

// sendings is how the payment files of a subsidy leave when each is answered at the last moment, as the workflow sends them: a file
// leaves when its bank takes files, when the bank has a place for it, and when the canaries before it are answered.
// One that comes after the cut-off keeps no place while it waits.
type sendings struct {
	plan   []card.PlannedBatch
	terms  map[string]payTerms
	files  []sending
	before map[string][]card.BatchID // the canaries before a bank's other batches
}

// sending is one file. One that was answered before has left at no time.
type sending struct {
	leaves, answered time.Time
	ready            time.Time // before that it is not looked at
}

// expect says when the files leave that are not answered yet, if the first can from start on.
func (s *sendings) expect(start time.Time, answered func(card.BatchID) bool) []sending {
	s.files, s.before = make([]sending, len(s.plan)), map[string][]card.BatchID{}
	for i, b := range s.plan {
		s.before[b.ID.Bank] = card.CanariesBefore(s.plan, b.ID.Bank)
		s.files[i].ready = start
		if answered(b.ID) {
			s.files[i].answered = start
		}
	}
	for at := start; !at.IsZero(); at = s.next(at) {
		for i := range s.files {
			s.look(i, at)
		}
	}
	return s.files
}

// look has a file leave if it can, or come again when its bank opens.
func (s *sendings) look(i int, at time.Time) {
	f, b := &s.files[i], s.plan[i]
	terms := s.terms[b.ID.Bank]
	if !f.answered.IsZero() || f.ready.After(at) || !s.hasPlace(b.ID.Bank, at) || !s.mayFollow(b, at) {
		return
	}
	if terms.window != nil {
		if f.ready = terms.window.Next(at); f.ready.After(at) {
			return
		}
	}
	f.leaves, f.answered = at, at.Add(terms.answer)
}

func (s *sendings) hasPlace(bank string, at time.Time) bool {
	unanswered := 0
	for i, f := range s.files {
		if f.answered.After(at) && s.plan[i].ID.Bank == bank {
			unanswered++
		}
	}
	return unanswered < max(1, s.terms[bank].places)
}

// mayFollow says whether the canaries before a batch are answered.
func (s *sendings) mayFollow(b card.PlannedBatch, at time.Time) bool {
	if b.Kind == card.CanaryBatch {
		return true
	}
	for i, f := range s.files {
		if (f.answered.IsZero() || f.answered.After(at)) && slices.Contains(s.before[b.ID.Bank], s.plan[i].ID) {
			return false
		}
	}
	return true
}

// next is when the next file is answered or can leave; zero when all have left.
func (s *sendings) next(at time.Time) (next time.Time) {
	waits := false
	for _, f := range s.files {
		event := f.answered
		if event.IsZero() {
			event, waits = f.ready, true
		}
		if event.After(at) && (next.IsZero() || event.Before(next)) {
			next = event
		}
	}
	if !waits {
		return time.Time{}
	}
	return next
}

// bankOutlook is how the payment files of one bank leave, when everybody takes all the time that was agreed.
type bankOutlook struct {
	Bank         string    `json:"bank"`
	Files        int       `json:"files"`
	Hours        string    `json:"hours,omitempty"` // when it takes them; empty: at any time
	First        time.Time `json:"first_file"`
	Last         time.Time `json:"last_file"`
	AnswerWithin string    `json:"answer_within"`
	FinishedBy   time.Time `json:"finished_by"` // the last answer
}

// banks tells of each bank's files that have still to be answered.
func (s *sendings) banks(files []sending) []bankOutlook {
	list := []bankOutlook{}
	for i, f := range files {
		if f.leaves.IsZero() {
			continue
		}
		bank := s.plan[i].ID.Bank
		n := slices.IndexFunc(list, func(b bankOutlook) bool { return b.Bank == bank })
		if n < 0 {
			terms := s.terms[bank]
			n, list = len(list), append(list, bankOutlook{Bank: bank, First: f.leaves, AnswerWithin: terms.answer.String(), Hours: hoursText(terms.window)})
		}
		b := &list[n]
		b.Files++
		if f.leaves.Before(b.First) {
			b.First = f.leaves
		}
		b.Last, b.FinishedBy = latest(b.Last, f.leaves), latest(b.FinishedBy, f.answered)
	}
	for i := range list {
		list[i].First, list[i].Last, list[i].FinishedBy = wholeSeconds(list[i].First), wholeSeconds(list[i].Last), wholeSeconds(list[i].FinishedBy)
	}
	slices.SortFunc(list, func(a, b bankOutlook) int { return cmp.Compare(a.Bank, b.Bank) })
	return list
}

// hoursText writes when a bank takes payment files; empty: at any time.
func hoursText(w *card.Window) string {
	if w == nil {
		return ""
	}
	return fmt.Sprintf("%s %s-%s", w.Days, w.Opens, w.CutOff)
}
