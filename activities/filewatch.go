package activities

import (
	"context"
	"errors"
	"time"

	"onecard/card"
)

// Sightings is the ledger's record of what lies at partners, and of what partners did with our files.
type Sightings interface {
	// FileStanding tells whether somebody waits for a file, or whether it was applied.
	FileStanding(ctx context.Context, f card.File) (card.FileStanding, error)
	// SeeFile notes that something of a file lies there, since when, and whether no more is to be said about it.
	SeeFile(ctx context.Context, f card.File, reason card.Reason) (since time.Time, settled bool, err error)
	// SeeStray does the same for a name that is none of the exchange.
	SeeStray(ctx context.Context, partner, name string) (card.Stray, error)
}

// Sendings is the ledger's record of what partners did with our files.
type Sendings interface {
	// UntakenFiles returns our files of which it is not known that the partner has taken them.
	UntakenFiles(ctx context.Context, partner string) ([]card.File, error)
	// FileTaken records that the partner has taken a file, or that it lies nowhere any more.
	FileTaken(ctx context.Context, f card.File, gone bool) error
	// FileRefusedThere records that the partner refused a file of ours.
	FileRefusedThere(ctx context.Context, f card.File, reason card.Reason) error
}

// Shelves shows what lies at a partner.
type Shelves interface {
	// Survey looks at a partner's whole outbox.
	Survey(ctx context.Context, partner string) (card.Survey, error)
	// Fates sorts our files into those that the partner has taken and those that lie nowhere any more.
	Fates(ctx context.Context, partner string, files []card.File) (taken, gone []card.File, err error)
	// TakeStray keeps the bytes of a file whose name is none of the exchange, and returns their digest.
	TakeStray(ctx context.Context, name string, as card.File, why error) (sm3 string, err error)
	// Done puts a file away that was applied.
	Done(ctx context.Context, f card.File) error
}

// Notices are what partners write about files of ours that they refuse.
type Notices interface {
	// Notice returns the reason that a notice gives.
	Notice(ctx context.Context, f card.File) (card.Reason, error)
	// NoticeRead puts a notice away.
	NoticeRead(ctx context.Context, f card.File) error
}

// FileWatch sees to it that the hub knows what becomes of files that no step waits for, and that partners get the receipts
// that they are owed.
type FileWatch struct {
	Desk      *FileDesk
	Sightings Sightings
	Sendings  Sendings
	Shelves   Shelves
	Notices   Notices
	Payments  *Payments     // takes what banks send by themselves
	Late      *Population   // takes answers to the population match that come late; nil: there is none
	Every     time.Duration // between two looks at a partner; 10 seconds when 0
}

const watchEvery = 10 * time.Second

// WatchFiles looks at one partner once and always ends with an error of kind Later, so that it is tried again for as long as
// the hub stands: the retry is the watch.
func (w *FileWatch) WatchFiles(ctx context.Context, partner string) error {
	every := w.Every
	if every <= 0 {
		every = watchEvery
	}
	if err := w.look(ctx, partner); err != nil {
		return faultIn(again(err), every)
	}
	return faultIn(card.E(card.Later, "watch the files of "+partner, "", nil), every)
}

// again makes an error about one file no reason to stop watching the others.
func again(err error) error {
	if kind := card.KindOf(err); kind == card.Unavailable || kind == card.Later {
		return err
	}
	return card.E(card.Unavailable, "watch files", card.ReasonOf(err), err)
}

// look sends what is owed first: a partner that cannot be surveyed may still be told.
func (w *FileWatch) look(ctx context.Context, partner string) error {
	owed := w.Desk.sendOwed(ctx, partner, "")
	survey, err := w.Shelves.Survey(ctx, partner)
	if err != nil {
		return errors.Join(owed, err)
	}
	return errors.Join(owed, w.Payments.takePaybacks(ctx, partner), w.Late.takeLate(ctx, partner), w.followOurs(ctx, partner, survey.Notices), w.judge(ctx, partner, survey), w.Desk.sendOwed(ctx, partner, ""))
}

// followOurs learns what became of our files.
func (w *FileWatch) followOurs(ctx context.Context, partner string, notices []card.File) error {
	var faults []error
	for _, f := range notices {
		reason, err := w.Notices.Notice(ctx, f)
		if err == nil {
			err = w.Sendings.FileRefusedThere(ctx, f, reason)
		}
		if err == nil {
			err = w.Notices.NoticeRead(ctx, f)
		}
		faults = append(faults, err)
	}
	untaken, err := w.Sendings.UntakenFiles(ctx, partner)
	if err != nil {
		return errors.Join(append(faults, err)...)
	}
	taken, gone, err := w.Shelves.Fates(ctx, partner, untaken)
	for _, f := range taken {
		faults = append(faults, w.Sendings.FileTaken(ctx, f, false))
	}
	for _, f := range gone {
		faults = append(faults, w.Sendings.FileTaken(ctx, f, true))
	}
	return errors.Join(append(faults, err)...)
}

// judge refuses what lies there and nobody can take. One file's trouble does not keep the others from being judged.
func (w *FileWatch) judge(ctx context.Context, partner string, s card.Survey) error {
	var faults []error
	for _, f := range s.Ready {
		faults = append(faults, w.visit(ctx, f))
	}
	for _, f := range s.NoManifest {
		faults = append(faults, w.half(ctx, f, card.ReasonFileNoManifest, "a data file alone", "its manifest "+f.Name()+".ok"))
	}
	for _, f := range s.NoData {
		faults = append(faults, w.half(ctx, f, card.ReasonFileNoData, "a manifest alone", "its data file"))
	}
	for _, name := range s.Strays {
		faults = append(faults, w.stray(ctx, partner, name))
	}
	return errors.Join(faults...)
}

// visit looks at a file that can be collected. What is awaited is left to the step that waits.
func (w *FileWatch) visit(ctx context.Context, f card.File) error {
	if ours(f.Kind) {
		return w.stray(ctx, f.Partner, f.Name())
	}
	standing, err := w.Sightings.FileStanding(ctx, f)
	if err != nil {
		return err
	}
	switch standing {
	case card.FileAwaited:
		return nil
	case card.FileApplied:
		return w.again(ctx, f)
	case card.FileUnexpected:
	}
	return w.unexpected(ctx, f)
}

// unexpected refuses a file that nobody waits for; its bytes are kept.
func (w *FileWatch) unexpected(ctx context.Context, f card.File) error {
	since, settled, err := w.Sightings.SeeFile(ctx, f, card.ReasonFileUnexpected)
	if err != nil || settled || time.Since(since) < w.Desk.patience() {
		return err
	}
	if err = w.Desk.take(ctx, f); err == nil {
		err = w.Desk.edition(ctx, f, card.Refuse("take "+f.Name(), card.Finding{Reason: card.ReasonFileUnexpected,
			Found: "a file that nobody asked for", Expected: "the answer to a request of the hub"}))
	}
	if !refusable(err) {
		return err
	}
	return w.Desk.refuse(ctx, nil, f, err)
}

// ours says whether files of a kind are sent by the hub only.
func ours(k card.FileKind) bool {
	return k.Answer() != "" || k == card.Dispatch || k == card.Receipt
}

// again puts a repetition of an applied file away, and refuses other content under its name.
func (w *FileWatch) again(ctx context.Context, f card.File) error {
	err := w.Desk.take(ctx, f)
	if !refusable(err) {
		if err == nil {
			err = w.Shelves.Done(ctx, f)
		}
		return err
	}
	return w.Desk.refuse(ctx, nil, f, otherContent(f, err))
}

// otherContent says of a file that was changed after it was applied what matters about that: its name is used.
func otherContent(f card.File, err error) error {
	if card.KindOf(err) != card.Conflict {
		return err
	}
	return card.WithEdition(card.Refuse("take "+f.Name(), card.Finding{Reason: card.ReasonFileSequenceRepeated,
		Found: "other content than that which was applied", Expected: "the next sequence number for new content"}), card.EditionOf(err))
}

// half refuses what stays as it is for longer than is waited for.
func (w *FileWatch) half(ctx context.Context, f card.File, reason card.Reason, found, expected string) error {
	since, settled, err := w.Sightings.SeeFile(ctx, f, reason)
	if err != nil || settled || time.Since(since) < w.Desk.patience() {
		return err
	}
	return w.Desk.refuse(ctx, nil, f, card.Refuse("take "+f.Name(), card.Finding{Reason: reason, Found: found, Expected: expected}))
}

// stray refuses a file whose name is none of the exchange, and keeps its bytes.
func (w *FileWatch) stray(ctx context.Context, partner, name string) error {
	s, err := w.Sightings.SeeStray(ctx, partner, name)
	if err != nil || s.Settled || time.Since(s.Since) < w.Desk.patience() {
		return err
	}
	why := card.Refuse("take a file", card.Finding{Reason: card.ReasonFileName, Found: s.Called, Expected: "PARTNER_KIND_DATE_SEQUENCE.txt"})
	sm3, err := w.Shelves.TakeStray(ctx, name, s.File, why)
	if err != nil {
		return err
	}
	v := card.Verdict{File: s.File, Called: s.Called, SM3: sm3, Whole: card.FindingOf(why)}
	return w.Desk.Arrivals.FileRefused(ctx, nil, v)
}
