package config

import (
	"time"

	"onecard/card"
)

// Match sets the monthly population match with civil affairs.
type Match struct {
	Day          int           `toml:"day"`           // of every month, 1 to 28; 0: only by hand
	At           string        `toml:"at"`            // HH:MM in Asia/Shanghai
	PaidMonths   int           `toml:"paid_months"`   // how many months back a payment is recent
	AnswerWithin time.Duration `toml:"answer_within"` // after which people who were not answered are unknown
	PageRows     int           `toml:"page_rows"`     // people in one file, 1 to 20,000
}

const (
	lastDay       = 28 // that every month has
	maxPaidMonths = 120
)

func (m Match) wrong() []fault {
	r := rules{table: "match"}
	r.must(m.Day >= 0 && m.Day <= lastDay, "day", "must be within 1 and %d, or 0 for only by hand", lastDay)
	at, err := card.ParseClock(m.At)
	r.must(err == nil && at < 24*60, "at", `must be a time such as "02:00"`)
	r.must(m.PaidMonths >= 1 && m.PaidMonths <= maxPaidMonths, "paid_months", "must be within 1 and %d", maxPaidMonths)
	r.must(m.AnswerWithin >= minAnswer, "answer_within", "must be at least %s", minAnswer)
	r.must(m.PageRows >= 1 && m.PageRows <= maxBatchRows, "page_rows", "must be within 1 and %d", maxBatchRows)
	return r.faults
}
