package activities

import (
	"context"
	"time"

	"onecard/card"
)

// Arrivals is the ledger's judgement of the files that partners send.
type Arrivals interface {
	// FileArrived holds the checks that need the ledger against a file that lies in the archive. Its error is Invalid with a
	// Finding for one that must be refused, Later while nothing can be said.
	FileArrived(ctx context.Context, f card.File, m card.Manifest, patience time.Duration) error
	// FileRefused records a refusal of one edition of a file, for which a receipt is owed; again changes nothing.
	FileRefused(ctx context.Context, b *card.BatchID, v card.Verdict) error
	// JoinedFiles returns files of a kind that came by hand and are not applied.
	JoinedFiles(ctx context.Context, partner string, kind card.FileKind) ([]card.File, error)
}

// Owing is the ledger's account of the receipts that partners are owed.
type Owing interface {
	// OwedReceipts returns the receipts that a partner is owed, or those about one file, each under the name that it keeps.
	OwedReceipts(ctx context.Context, partner, file string) ([]card.OwedReceipt, error)
	// ReceiptSent records that a receipt is proved to be at its partner.
	ReceiptSent(ctx context.Context, receipt card.File, p card.Proof) error
}

// Post brings files to and from partners, whatever is in them.
type Post interface {
	// Take brings a partner's file into the archive, as its manifest says.
	Take(ctx context.Context, f card.File) (card.Manifest, error)
}

// ReceiptSender writes receipts.
type ReceiptSender interface {
	// SendReceipt sends a receipt; again is harmless.
	SendReceipt(ctx context.Context, r card.OwedReceipt) (card.Proof, error)
}

// FileDesk is where every file that comes is judged before anybody looks into it, and answered after.
type FileDesk struct {
	Arrivals Arrivals
	Owing    Owing
	Post     Post
	Sender   ReceiptSender
	Patience time.Duration // how long something missing is waited for before its partner is told: 2 minutes when 0, not at all when negative
}

const patience = 2 * time.Minute

func (d *FileDesk) patience() time.Duration {
	if d.Patience != 0 {
		return d.Patience
	}
	return patience
}

// take brings a file into the archive and has it judged. Of a refused one the error tells which bytes were refused.
func (d *FileDesk) take(ctx context.Context, f card.File) error {
	m, err := d.Post.Take(ctx, f)
	if err != nil {
		return err
	}
	return card.WithEdition(d.Arrivals.FileArrived(ctx, f, m, d.patience()), m.SM3)
}

// edition says of which bytes an error about the content of a taken file speaks.
func (d *FileDesk) edition(ctx context.Context, f card.File, err error) error {
	if card.EditionOf(err) != "" {
		return err
	}
	m, failed := d.Post.Take(ctx, f) // it is in the archive, or its own error tells more
	if failed != nil {
		return err
	}
	return card.WithEdition(err, m.SM3)
}

// refuse records why a file is refused.
func (d *FileDesk) refuse(ctx context.Context, b *card.BatchID, f card.File, err error) error {
	if failed := d.Arrivals.FileRefused(ctx, b, card.Verdict{File: f, SM3: card.EditionOf(err), Whole: card.FindingOf(err)}); failed != nil {
		return failed
	}
	d.answer(ctx, f)
	return nil
}

// Refuse records why a file that came by hand is refused before it is in the archive; its partner gets a receipt.
func (d *FileDesk) Refuse(ctx context.Context, f card.File, why error) error {
	return d.refuse(ctx, nil, f, why)
}

// Admit judges a file that was put into the archive by hand as every file that comes; read looks into it. One that is refused
// is set aside, and its partner gets a receipt; the error is then the refusal. While nothing can be said, for a file before
// it is missing or an operator holds it, the error is of kind Later: whoever waits for the file takes it when that is over.
func (d *FileDesk) Admit(ctx context.Context, f card.File, tray Tray, read func(context.Context) error) error {
	err := d.take(ctx, f)
	if err == nil {
		err = read(ctx)
	}
	if !refusable(err) {
		return err
	}
	err = d.edition(ctx, f, err)
	if !keeps(err) {
		if failed := tray.Quarantine(f, err); failed != nil {
			return failed
		}
	}
	if failed := d.refuse(ctx, nil, f, err); failed != nil {
		return failed
	}
	return err
}

// keeps says whether a refused file stays in the archive: one that only came before its turn is taken when that has come.
func keeps(err error) bool { return card.ReasonOf(err) == card.ReasonFileSequenceGap }

// answer sends the receipts that are owed about a file, at once if that can be done. What cannot is owed still, and the watch
// over the partner's files sends it: a batch does not wait for a receipt.
func (d *FileDesk) answer(ctx context.Context, f card.File) {
	_ = d.sendOwed(ctx, f.Partner, f.Name())
}

// sendOwed sends the receipts that a partner is owed, all or those about one file. Whoever is killed in between leaves the
// rest owed, and what is sent twice is one file under one name.
func (d *FileDesk) sendOwed(ctx context.Context, partner, file string) error {
	owed, err := d.Owing.OwedReceipts(ctx, partner, file)
	if err != nil {
		return err
	}
	for _, r := range owed {
		proof, err := d.Sender.SendReceipt(ctx, r)
		if err != nil {
			return err
		}
		if err := d.Owing.ReceiptSent(ctx, r.File, proof); err != nil {
			return err
		}
	}
	return nil
}

// joined returns the files of a kind that came by hand.
func (d *FileDesk) joined(ctx context.Context, partner string, kind card.FileKind) ([]card.File, error) {
	return d.Arrivals.JoinedFiles(ctx, partner, kind)
}
