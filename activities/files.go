package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"onecard/card"
)

// Step names one step of a batch. Round counts the repetitions that belong to the process, such as hand-overs in
// several reports; it starts at 0.
type Step struct {
	Batch card.BatchID
	Round int
}

// Files is the ledger's record of the files of a batch.
type Files interface {
	// ReserveFile names the file of a step, once; sent says that its publication is proved already.
	ReserveFile(ctx context.Context, b card.BatchID, partner string, kind card.FileKind, round int) (f card.File, sent bool, err error)
	// ConfirmFile records the proof, moves the rows that the file carries, and says until when the answer is expected.
	ConfirmFile(ctx context.Context, b card.BatchID, f card.File, p card.Proof, until time.Time) error
	// SentFile returns the file that a step has sent.
	SentFile(ctx context.Context, b card.BatchID, kind card.FileKind, round int) (card.File, error)
	// Processed says whether a partner's file has been applied.
	Processed(ctx context.Context, f card.File) (bool, error)
}

// send has the rows of a step published in one file, unless that is proved already. What is killed in the middle is
// done again under the same name with the same bytes.
func send[T any](ctx context.Context, l Files, s Step, t card.Terms, kind card.FileKind, rows func(card.File) iter.Seq2[T, error],
	publish func(context.Context, card.File, iter.Seq2[T, error]) (card.Proof, error)) error {
	f, sent, err := l.ReserveFile(ctx, s.Batch, t.Partner, kind, s.Round)
	if err != nil || sent {
		return err
	}
	proof, err := publish(ctx, f, rows(f))
	if err != nil {
		return err
	}
	return l.ConfirmFile(ctx, s.Batch, f, proof, time.Now().Add(t.AnswerWithin))
}

// Tray is where a partner's files lie.
type Tray interface {
	// Done puts an applied file away on the partner's side; again is harmless.
	Done(ctx context.Context, f card.File) error
	// Quarantine sets a file aside that turned out to be wrong, so that a better one can be taken under its name.
	Quarantine(f card.File, why error) error
}

// answer is how one kind of answer is read, applied and put away.
type answer[T any] struct {
	request card.FileKind
	read    func(context.Context, card.File) (iter.Seq2[T, error], error)
	apply   func(ctx context.Context, request, answer card.File, rows []T, refused []card.Finding) (card.Tally, error)
	tray    Tray
	desk    *FileDesk
}

// receive takes the partner's answer to a step. While there is none, and also while the one that came had to be refused, the
// error is of kind Later. A batch has at most some 20,000 rows, so an answer is held in memory: nothing of it is applied
// before all of it has been checked.
func receive[T any](ctx context.Context, l Files, s Step, a answer[T]) (card.Tally, error) {
	request, err := l.SentFile(ctx, s.Batch, a.request, s.Round)
	if err != nil {
		return card.Tally{}, err
	}
	file := request.Answer(a.request.Answer())
	applied, err := l.Processed(ctx, file)
	if err != nil {
		return card.Tally{}, err
	}
	var rows []T
	var refused []card.Finding
	if !applied {
		if err = a.desk.take(ctx, file); err == nil {
			rows, refused, err = gather(ctx, file, a.read)
		}
		if err != nil {
			return card.Tally{}, a.refuse(ctx, s.Batch, file, err)
		}
	}
	tally, err := a.apply(ctx, request, file, rows, refused)
	if err != nil {
		return card.Tally{}, a.refuse(ctx, s.Batch, file, err)
	}
	if err := a.tray.Done(ctx, file); err != nil {
		return card.Tally{}, err
	}
	a.desk.answer(ctx, file)
	return tally, nil
}

// gather reads a file whole: its rows, and what is wrong with those that are refused one by one. A file of which no row is good
// is refused whole: what is wrong is then more than rows.
func gather[T any](ctx context.Context, f card.File, read func(context.Context, card.File) (iter.Seq2[T, error], error)) ([]T, []card.Finding, error) {
	rows, err := read(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	var good []T
	var refused []card.Finding
	var first error
	for row, err := range rows {
		switch {
		case card.IsRefusedRow(err):
			first = cmp.Or(first, err)
			refused = append(refused, card.FindingOf(err))
		case err != nil:
			return nil, nil, err
		default:
			good = append(good, row)
		}
	}
	if len(good) == 0 {
		return nil, nil, first
	}
	return good, refused, nil
}

// refusable says whether err speaks of the content of a file, which another file may mend.
func refusable(err error) bool {
	kind := card.KindOf(err)
	return kind == card.Invalid || kind == card.Conflict
}

// refuse sets a file aside whose content is wrong and goes on waiting for a better one; other errors pass through.
func (a answer[T]) refuse(ctx context.Context, b card.BatchID, f card.File, err error) error {
	if !refusable(err) {
		return err
	}
	err = a.desk.edition(ctx, f, err)
	if failed := errors.Join(a.tray.Quarantine(f, err), a.desk.refuse(ctx, &b, f, err)); failed != nil {
		return failed
	}
	return card.E(card.Later, "wait for a correct "+f.Name(), card.ReasonOf(err), fmt.Errorf("the one that came was refused: %w", err))
}
