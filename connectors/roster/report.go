package roster

import (
	"io"
	"iter"

	"onecard/card"
	"onecard/connectors/layout/xlsx"
)

// Report is what a rollout did, as of a moment; the caller fills it from the ledger. Texts are shown as they are given;
// times are texts in Shanghai's time.
type Report struct {
	ID, Name, Kind, Status string
	AsOf                   string // such as 2026-11-21 09:30:00
	Counts                 Counts // of the whole rollout, from the ledger

	// Cities, Banks and Outlets divide the rollout; the rows of each list add up to Counts. Rows whose city, bank or outlet
	// cannot be read stand in a group without name.
	Cities, Banks, Outlets []Group
	Refusals               []Refusal
	Batches                []Batch
	Files                  []File
	Approvals              []Approval
	Invariants             []Invariant

	// Accounts are bank accounts that were opened for cards which will not be made, after a cancel: they are to be closed.
	// They are taken one by one; nil is none.
	Accounts iter.Seq2[Account, error]
}

// Counts are rows of a rollout or of a part of it. Every count after Refused is of rows that have got at least so far;
// Failed ended with a reason, Unknown have no answer yet.
type Counts struct {
	Rows, Accepted, Refused, Matched, AccountOpened, Made, InStock, Dispatched, HandedOver, Active, Failed, Unknown int64
}

// Group is a city, a bank or an outlet with its counts. Code and Name are empty for rows that belong to none; City and Bank
// say where an outlet is and are empty elsewhere.
type Group struct {
	Code, Name, City, Bank string
	Counts                 Counts
}

// Refusal is how many rows were refused, or failed later, for a reason. A row with several reasons counts under each.
type Refusal struct {
	Reason card.Reason
	Rows   int64
}

// Batch is one city and one bank on their way through the processes.
type Batch struct {
	ID, City, Bank, Status, WorkflowID string
	Counts                             Counts
}

// File is a file that was sent to a partner or came from one. Direction is as the reader is to see it; SM3 is in hex.
type File struct {
	Direction, Partner, Kind, Name, State, At, SM3 string
	Rows, Bytes                                    int64
}

// Approval is a decision of a person, bound to the SM3 of the rows that it was taken over.
type Approval struct {
	Action, By, At, Note, SM3 string
	Rows                      int64
}

// Invariant is a check of the ledger.
type Invariant struct {
	Name, Figure string
	Holds        bool
}

// Account is a bank account to be closed.
type Account struct {
	Batch, City, Bank, CardNumber, Account, OpenedAt, Note string
}

// WriteReport writes a workbook of what was done: an overview, the counts by city, bank and outlet with their totals, the
// reasons of refused rows, batches, files with their digests, approvals, invariants and accounts to be closed. Chinese comes
// first, English beside it. Where the parts of a division do not add up to the ledger's counts, the overview says so.
func WriteReport(w io.Writer, r Report) error {
	b := newReportBook(r)
	sheets := reportSheets(r)
	fillers := map[string]filler{sheetOverview: b.overview}
	for _, s := range sheets {
		b.prepare(s)
		fillers[s.name] = func(out *xlsx.RowWriter) error { return b.rows(out, s) }
	}
	b.SetActiveSheet(0)
	if b.err != nil {
		return b.err
	}
	return splice(w, b.File, fillers)
}

// add adds the counts of a part.
func (c *Counts) add(part Counts) {
	from := part.list()
	for i, n := range c.fields() {
		*n += from[i]
	}
}

// countsLen is how many counts there are.
const countsLen = 12

func (c *Counts) fields() [countsLen]*int64 {
	return [countsLen]*int64{
		&c.Rows, &c.Accepted, &c.Refused, &c.Matched, &c.AccountOpened, &c.Made, &c.InStock, &c.Dispatched, &c.HandedOver,
		&c.Active, &c.Failed, &c.Unknown,
	}
}

func (c Counts) list() [countsLen]int64 {
	var list [countsLen]int64
	for i, n := range c.fields() {
		list[i] = *n
	}
	return list
}

// countNames are what the counts are called.
var countNames = [countsLen][2]string{
	{"名册行数", "Rows"}, {"接受", "Accepted"}, {"退回", "Refused"}, {"比对通过", "Matched"}, {"已开户", "Opened"},
	{"已制卡", "Made"}, {"已入库", "In stock"}, {"已分发", "Dispatched"}, {"已发放", "Handed over"}, {"已启用", "Active"},
	{"失败", "Failed"}, {"结果未知", "Unknown"},
}

func totalOf(groups []Group) Counts {
	var total Counts
	for _, g := range groups {
		total.add(g.Counts)
	}
	return total
}
