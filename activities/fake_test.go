package activities

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"onecard/card"
)

var (
	batch1 = card.BatchID{Rollout: "R20261121-001", City: "440600", Bank: "102", Number: 1}
	step1  = Step{Batch: batch1}
	terms  = card.Terms{Partner: "CIVIL", AnswerWithin: 48 * time.Hour, Poll: 3 * time.Second}

	errKilled = errors.New("killed here")
)

// ledger is a ledger in memory that keeps its promises; what it is told stands in journal. kill is where it dies, once.
type ledger struct {
	journal   []string
	kill      string
	sent      map[string]bool
	states    map[card.File]string
	until     time.Time
	progress  card.HandOverProgress
	applyErr  error
	answers   int // rows in the answer applied last
	processed card.Tally
	owed      []card.OwedReceipt
}

func newLedger() *ledger {
	return &ledger{sent: map[string]bool{}, states: map[card.File]string{}, processed: card.Tally{Done: 2}}
}

// note writes a line, and kills where it was told to.
func (l *ledger) note(line string) error {
	l.journal = append(l.journal, line)
	if l.kill == line {
		l.kill = ""
		return errKilled
	}
	return nil
}

func (l *ledger) file(kind card.FileKind, round int) card.File {
	return card.File{Partner: terms.Partner, Kind: kind, Date: "20261121", Seq: 17 + round}
}

func (l *ledger) ReserveFile(_ context.Context, _ card.BatchID, _ string, kind card.FileKind, round int) (card.File, bool, error) {
	f := l.file(kind, round)
	return f, l.sent[f.Name()], l.note("reserve " + f.Name())
}

func (l *ledger) ConfirmFile(_ context.Context, _ card.BatchID, f card.File, _ card.Proof, until time.Time) error {
	if err := l.note("confirm " + f.Name()); err != nil {
		return err
	}
	l.sent[f.Name()], l.until = true, until
	return nil
}

func (l *ledger) SentFile(_ context.Context, _ card.BatchID, kind card.FileKind, round int) (card.File, error) {
	return l.file(kind, round), nil
}

func (l *ledger) Processed(_ context.Context, f card.File) (bool, error) {
	return l.states[f] == "processed", nil
}

func (l *ledger) FileArrived(context.Context, card.File, card.Manifest, time.Duration) error {
	return nil
}

func (l *ledger) FileRefused(_ context.Context, _ *card.BatchID, v card.Verdict) error {
	l.states[v.File] = "quarantined"
	l.owed = append(l.owed, card.OwedReceipt{File: v.File.Answer(card.Receipt), Verdict: v})
	return l.note("quarantine " + v.File.Name() + " " + string(v.Whole.Reason))
}

func (l *ledger) JoinedFiles(context.Context, string, card.FileKind) ([]card.File, error) {
	return nil, nil
}

func (l *ledger) OwedReceipts(context.Context, string, string) ([]card.OwedReceipt, error) {
	return l.owed, nil
}

func (l *ledger) ReceiptSent(_ context.Context, f card.File, _ card.Proof) error {
	l.owed = slices.DeleteFunc(l.owed, func(r card.OwedReceipt) bool { return r.File == f })
	return nil
}

func (l *ledger) MatchRows(context.Context, card.BatchID) iter.Seq2[card.MatchRow, error] {
	return rowsOf(card.MatchRow{Ref: 1}, card.MatchRow{Ref: 2})
}

func (l *ledger) ApplyMatches(_ context.Context, _ card.BatchID, f card.File, rows []card.MatchAnswer, _ []card.Finding) (card.Tally, error) {
	return l.apply(f, len(rows))
}

func (l *ledger) apply(f card.File, rows int) (card.Tally, error) {
	if l.states[f] == "processed" {
		return l.processed, l.note("apply " + f.Name() + " again")
	}
	if l.applyErr != nil {
		return card.Tally{}, l.applyErr
	}
	l.states[f], l.answers = "processed", rows
	return l.processed, l.note("apply " + f.Name())
}

func (l *ledger) NewFiles(_ context.Context, files []card.File) ([]card.File, error) {
	return slices.DeleteFunc(slices.Clone(files), func(f card.File) bool { return l.states[f] == "processed" }), nil
}

func (l *ledger) ApplyReport(_ context.Context, f card.File, rows []card.ReportRow, _ []card.Finding) error {
	_, err := l.apply(f, len(rows))
	return err
}

func (l *ledger) HandOvers(context.Context, card.BatchID) (card.HandOverProgress, error) {
	return l.progress, l.note("progress")
}

func (l *ledger) AwaitHandOver(_ context.Context, _ card.BatchID, partner string, until time.Time) error {
	l.until = until
	return l.note("await " + partner)
}

func (l *ledger) ReceiveStock(context.Context, card.BatchID) (int, error) {
	return 2, l.note("receive")
}

func (l *ledger) DispatchRows(context.Context, card.BatchID) iter.Seq2[card.DispatchRow, error] {
	return rowsOf(card.DispatchRow{Ref: 1})
}

// partner is a partner in memory: what lies there, and what it was sent.
type partner struct {
	ledger  *ledger
	outbox  map[card.File]error // nil: a good file; else what is wrong with it
	done    []card.File
	refused []card.File
	sent    []card.File
	lists   int
	listErr error

	receipts []card.OwedReceipt
}

func newPartner(l *ledger) *partner { return &partner{ledger: l, outbox: map[card.File]error{}} }

func (p *partner) publish(f card.File, rows int) (card.Proof, error) {
	if err := p.ledger.note("publish " + f.Name()); err != nil {
		return card.Proof{}, err
	}
	if !slices.Contains(p.sent, f) {
		p.sent = append(p.sent, f)
	}
	return card.Proof{Manifest: card.Manifest{Name: f.Name(), Rows: rows}}, nil
}

// look returns nil for a good file, Later for none.
func (p *partner) look(f card.File) error {
	wrong, there := p.outbox[f]
	if !there {
		return card.E(card.Later, "look for "+f.Name(), card.ReasonNoAnswer, nil)
	}
	return wrong
}

// Take finds nothing wrong with what it has not read.
func (p *partner) Take(_ context.Context, f card.File) (card.Manifest, error) {
	if _, there := p.outbox[f]; !there {
		return card.Manifest{}, p.look(f)
	}
	return card.Manifest{Name: f.Name()}, nil
}

func (p *partner) SendReceipt(_ context.Context, r card.OwedReceipt) (card.Proof, error) {
	p.receipts = append(p.receipts, r)
	return card.Proof{}, nil
}

func (p *partner) Done(_ context.Context, f card.File) error {
	if err := p.ledger.note("done " + f.Name()); err != nil {
		return err
	}
	p.done = append(p.done, f)
	delete(p.outbox, f)
	return nil
}

func (p *partner) Quarantine(f card.File, _ error) error {
	p.refused = append(p.refused, f)
	delete(p.outbox, f)
	return p.ledger.note("set aside " + f.Name())
}

func (p *partner) RequestMatch(_ context.Context, f card.File, rows iter.Seq2[card.MatchRow, error]) (card.Proof, error) {
	return p.publish(f, count(rows))
}

func (p *partner) Matches(_ context.Context, f card.File) (iter.Seq2[card.MatchAnswer, error], error) {
	if err := p.look(f); err != nil {
		return nil, err
	}
	return rowsOf(card.MatchAnswer{Ref: 1}, card.MatchAnswer{Ref: 2}), nil
}

func (p *partner) Dispatch(_ context.Context, f card.File, rows iter.Seq2[card.DispatchRow, error]) (card.Proof, error) {
	return p.publish(f, count(rows))
}

func (p *partner) NewReports(context.Context) ([]card.File, error) {
	p.lists++
	var files []card.File
	for f := range p.outbox {
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b card.File) int { return a.Seq - b.Seq })
	return files, p.listErr
}

func (p *partner) Reports(_ context.Context, f card.File) (iter.Seq2[card.ReportRow, error], error) {
	if err := p.look(f); err != nil {
		return nil, err
	}
	return rowsOf(card.ReportRow{Ref: 1}), nil
}

func rowsOf[T any](rows ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func count[T any](rows iter.Seq2[T, error]) (n int) {
	for _, err := range rows {
		if err == nil {
			n++
		}
	}
	return n
}

// deskOf is a desk between a ledger and a partner in memory.
func deskOf(l *ledger, p *partner) *FileDesk {
	return &FileDesk{Arrivals: l, Owing: l, Post: p, Sender: p}
}

// civilWorld is civil affairs and a ledger, both in memory.
func civilWorld(t *testing.T) (*Civil, *ledger, *partner) {
	t.Helper()
	l := newLedger()
	p := newPartner(l)
	return &Civil{Ledger: l, Registry: p, Terms: terms, Desk: deskOf(l, p)}, l, p
}
