package main

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	must "github.com/stretchr/testify/require" // the package has a require of its own
	"pgregory.net/rapid"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/postgres"
)

// planOf is a plan of one batch at each of these banks; the first so many are canaries.
func planOf(canaries int, banks ...string) (plan []card.PlannedBatch) {
	for i, bank := range banks {
		b := card.PlannedBatch{ID: card.BatchID{Rollout: "R20261121-001", City: "440600", Bank: bank, Number: i + 1}, Kind: card.BulkBatch, Rows: 1000}
		if i < canaries {
			b.Kind, b.Rows = card.CanaryBatch, 200
		}
		plan = append(plan, b)
	}
	return plan
}

func hours(t must.TestingT, days, opens, cutOff string) config.PayTimes {
	p := config.PayTimes{Days: days, Opens: opens, CutOff: cutOff}
	c, err := card.NewCalendar()
	must.NoError(t, err)
	_, err = p.Window(c)
	must.NoError(t, err)
	return p
}

// outlookOf previews a checked subsidy with this plan, whose notice runs until then.
func outlookOf(t must.TestingT, plan []card.PlannedBatch, partners []config.Partner, now, notice time.Time) (postgres.PayPreview, payOutlook) {
	c, err := card.NewCalendar()
	must.NoError(t, err)
	h := &hub{calendar: c, cfg: config.Config{Partners: partners}}
	p := postgres.PayPreview{View: postgres.View{Payout: &postgres.Payout{Checked: true, NoticeDays: 3, NoticeUntil: &notice}}}
	for _, b := range plan {
		p.Batches = append(p.Batches, postgres.BatchView{ID: b.ID.String(), Bank: b.ID.Bank, Kind: b.Kind})
	}
	return p, h.payOutlook(p, plan, now)
}

// TestOutlookCountsBusinessHours has the notice of a subsidy end on a Saturday: one bank takes files on working days only and one at
// a time, another at any time.
func TestOutlookCountsBusinessHours(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", text, card.Shanghai)
		must.NoError(t, err)
		return when.UTC()
	}
	partners := []config.Partner{
		{Name: "ICBC", Kind: config.Bank, Bank: "102", Concurrency: 1, AnswerWithin: 2 * time.Hour, Payments: hours(t, "working", "08:30", "16:30")},
		{Name: "ABC", Kind: config.Bank, Bank: "103", Concurrency: 2, AnswerWithin: 4 * time.Hour},
	}
	p, o := outlookOf(t, planOf(2, "102", "103", "102", "102", "102", "102", "103"), partners, at("2026-11-18 10:00"), at("2026-11-21 10:00"))
	must.Equal(t, at("2026-11-21 14:00"), o.StartsBy, "all banks block the payer's money, beside each other")
	must.Equal(t, []bankOutlook{
		{Bank: "102", Files: 5, Hours: "working 08:30-16:30", First: at("2026-11-23 08:30"), Last: at("2026-11-24 08:30"), AnswerWithin: "2h0m0s", FinishedBy: at("2026-11-24 10:30")},
		{Bank: "103", Files: 2, First: at("2026-11-21 14:00"), Last: at("2026-11-21 18:00"), AnswerWithin: "4h0m0s", FinishedBy: at("2026-11-21 22:00")},
	}, o.Banks)
	must.Equal(t, at("2026-11-24 10:30"), o.FinishedBy)
	must.Equal(t, "144h30m0s", o.Agreed)
	var out bytes.Buffer
	must.NoError(t, printPayPreview(&out, p, o))
	for _, text := range []string{"working 08:30-16:30", "at any time 不限", "首份发出", "first leaves", "2026-11-23 08:30", "已计入银行受理时间", "business hours counted", "first files by (最迟开始发放): 2026-11-21 14:00"} {
		must.Contains(t, out.String(), text)
	}
	ended := at("2026-11-20 10:00")
	for i := range p.Batches {
		p.Batches[i].FinishedAt = &ended
	}
	c := &hub{cfg: config.Config{Partners: partners}}
	must.Empty(t, c.payOutlook(p, planOf(2, "102", "103", "102", "102", "102", "102", "103"), at("2026-11-22 10:00")).Banks, "nothing is left to be sent")
}

// drawn is a plan and what is agreed with its banks.
func drawn(t *rapid.T) (s sendings, start time.Time) {
	banks := []string{"102", "103", "104"}
	c, err := card.NewCalendar()
	must.NoError(t, err)
	s.terms = map[string]payTerms{}
	for _, bank := range banks {
		p := config.Partner{}
		if rapid.Bool().Draw(t, "hours") {
			p.Payments = hours(t, rapid.SampledFrom([]string{"working", "daily", "mon,thu"}).Draw(t, "days"), "08:30", rapid.SampledFrom([]string{"09:00", "16:30", "30:00"}).Draw(t, "cut-off"))
		}
		w, err := p.Payments.Window(c)
		must.NoError(t, err)
		s.terms[bank] = payTerms{rapid.IntRange(1, 3).Draw(t, "places"), time.Duration(rapid.IntRange(1, 50).Draw(t, "answer")) * time.Hour, w}
	}
	canaries := rapid.IntRange(0, 3).Draw(t, "canaries")
	s.plan = planOf(canaries, slices.Concat(banks[:canaries], rapid.SliceOfN(rapid.SampledFrom(banks), 1, 12).Draw(t, "rest"))...)
	return s, time.Unix(rapid.Int64Range(1_790_000_000, 1_830_000_000).Draw(t, "start"), 0)
}

// TestSendings holds that no file leaves before the start, while its bank is closed, before its canary is answered, or beside more
// than was agreed, and that all leave.
func TestSendings(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, start := drawn(t)
		files := s.expect(start, func(card.BatchID) bool { return false })
		for i, f := range files {
			bank := s.plan[i].ID.Bank
			must.False(t, f.leaves.Before(start))
			must.Equal(t, f.leaves.Add(s.terms[bank].answer), f.answered)
			if w := s.terms[bank].window; w != nil {
				must.True(t, w.Next(f.leaves).Equal(f.leaves), "%s is closed at %s", bank, f.leaves)
			}
			beside := 0
			for j, g := range files {
				if s.plan[j].ID.Bank == bank && !g.leaves.After(f.leaves) && g.answered.After(f.leaves) {
					beside++
				}
				if s.plan[i].Kind != card.CanaryBatch && slices.Contains(card.CanariesBefore(s.plan, bank), s.plan[j].ID) {
					must.False(t, f.leaves.Before(g.answered))
				}
			}
			must.LessOrEqual(t, beside, s.terms[bank].places)
		}
	})
}

// TestMoreFilesAreNotSooner holds that one more file at a bank makes no bank finish sooner.
func TestMoreFilesAreNotSooner(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, start := drawn(t)
		unanswered := func(card.BatchID) bool { return false }
		less := s.banks(slices.Clone(s.expect(start, unanswered)))
		one := s.plan[len(s.plan)-1]
		one.Kind, one.Rows, one.ID.Number = card.BulkBatch, 1000, one.ID.Number+1
		s.plan = append(s.plan, one)
		more := s.banks(s.expect(start, unanswered))
		must.Len(t, more, len(less))
		for i := range less {
			must.False(t, more[i].FinishedBy.Before(less[i].FinishedBy), fmt.Sprint(less[i], more[i]))
			must.False(t, more[i].Last.Before(less[i].Last))
		}
	})
}
