package activities

import (
	"context"
	"errors"
	"iter"
	"slices"

	"onecard/card"
)

// Arrived is the ledger's record of files that partners send by themselves.
type Arrived interface {
	// NewFiles keeps of the files those that have not been applied, those that were refused among them.
	NewFiles(ctx context.Context, files []card.File) ([]card.File, error)
	// Processed says whether a partner's file has been applied.
	Processed(ctx context.Context, f card.File) (bool, error)
}

// unsolicited is how one kind of files is taken that a partner sends by itself.
type unsolicited[T any] struct {
	partner string
	kind    card.FileKind
	list    func(ctx context.Context) ([]card.File, error) // those that lie ready, in their order
	read    func(ctx context.Context, f card.File) (iter.Seq2[T, error], error)
	apply   func(ctx context.Context, f card.File, rows []T, refused []card.Finding) error
	ledger  Arrived
	tray    Tray
	desk    *FileDesk
}

// takeAll applies the files that lie ready.
func (u unsolicited[T]) takeAll(ctx context.Context) error {
	lying, unseen := u.lying(ctx)
	fresh, err := u.ledger.NewFiles(ctx, lying)
	if err != nil {
		return errors.Join(unseen, err)
	}
	for _, f := range lying {
		if slices.Contains(fresh, f) {
			err = u.take(ctx, f)
		} else {
			err = u.putAway(ctx, f)
		}
		// A file that must wait, for one before it or for an operator, does not keep the others waiting.
		if err != nil && card.KindOf(err) != card.Later {
			return err
		}
	}
	return unseen
}

// lying returns the files that lie ready, those that came by hand among them. These it returns also beside an error: they
// come by hand just when the partner cannot be reached.
func (u unsolicited[T]) lying(ctx context.Context) ([]card.File, error) {
	lying, unseen := u.list(ctx)
	joined, err := u.desk.joined(ctx, u.partner, u.kind)
	for _, f := range joined {
		if !slices.Contains(lying, f) {
			lying = append(lying, f)
		}
	}
	return lying, errors.Join(unseen, err)
}

// putAway puts a file away that was applied by somebody who was killed before it could do so. What has its name and other
// content is refused.
func (u unsolicited[T]) putAway(ctx context.Context, f card.File) error {
	applied, err := u.ledger.Processed(ctx, f)
	if err != nil || !applied {
		return err
	}
	switch err := u.desk.take(ctx, f); {
	case refusable(err):
		return u.desk.refuse(ctx, nil, f, otherContent(f, err))
	case err != nil && card.KindOf(err) != card.Later:
		return err
	}
	return u.tray.Done(ctx, f)
}

// take applies one file and puts it away. One that is wrong is set aside whole and does not keep the next ones waiting.
func (u unsolicited[T]) take(ctx context.Context, f card.File) error {
	err := u.desk.take(ctx, f)
	var rows []T
	var refused []card.Finding
	if err == nil {
		rows, refused, err = gather(ctx, f, u.read)
	}
	if err == nil {
		err = u.apply(ctx, f, rows, refused)
	}
	if refusable(err) {
		return u.refuse(ctx, f, u.desk.edition(ctx, f, err))
	}
	if err != nil {
		return err
	}
	if err := u.tray.Done(ctx, f); err != nil {
		return err
	}
	u.desk.answer(ctx, f)
	return nil
}

func (u unsolicited[T]) refuse(ctx context.Context, f card.File, err error) error {
	if !keeps(err) {
		if failed := u.tray.Quarantine(f, err); failed != nil {
			return failed
		}
	}
	return u.desk.refuse(ctx, nil, f, err)
}
