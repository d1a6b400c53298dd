package main

import (
	"context"
	"encoding/hex"
	"path/filepath"

	"onecard/card"
	"onecard/connectors/exchange"
	"onecard/connectors/exchange/desk"
	"onecard/connectors/layout"
	"onecard/connectors/postgres"
)

// letter is a partner's file that came by hand.
type letter struct {
	partner string
	path    string // of its bytes
	ok      string // of its manifest
	name    string // under which it is taken; empty: as its manifest says, or as it is called
}

// file is the file that the letter holds, by its own account.
func (l letter) file() (card.File, error) {
	name := l.name
	if name == "" {
		m, err := exchange.DeclaredAt(l.ok)
		if err != nil && card.KindOf(err) != card.NotFound {
			return card.File{}, err
		}
		if name = m.Name; name == "" {
			name = filepath.Base(l.path)
		}
	}
	f, err := card.ParseFileName(name)
	if err == nil && f.Partner != l.partner {
		err = card.Refuse("take a file by hand", card.Finding{Reason: card.ReasonFileName, Found: "a file of " + f.Partner, Expected: "one of " + l.partner})
	}
	return f, err
}

// digest is the SM3 of the letter's bytes.
func (l letter) digest() (string, error) {
	sum, err := digestOf(l.path)
	if err != nil {
		return "", card.E(card.NotFound, "read the file that came by hand", card.ReasonNoSuchFile, err)
	}
	return hex.EncodeToString(sum[:]), nil
}

// rejoinLetter puts a file that came by hand into the process that waits for it, unless its content is known there already.
func (h *hub) rejoinLetter(ctx context.Context, x *exchange.Exchange, from letter, d card.Decision) (joining, error) {
	if _, err := h.partner(from.partner); err != nil {
		return joining{}, err
	}
	f, err := from.file()
	if err != nil {
		return joining{}, err
	}
	sum, err := from.digest()
	if err != nil {
		return joining{}, err
	}
	r, err := h.ledger.FindFile(ctx, f)
	switch {
	case card.KindOf(err) == card.NotFound:
		return h.take(ctx, x, f, from, d)
	case err != nil:
		return joining{}, err
	case r.Direction == "out" && r.SM3 == sum:
		return h.deliver(ctx, x, r, d)
	case r.Direction == "out":
		return joining{}, card.E(card.Conflict, "take "+f.Name()+" by hand: it is ours, and has other bytes", card.ReasonFileArchive, nil)
	case r.Processed != nil:
		return h.takeAgain(ctx, x, r, sum)
	}
	return h.take(ctx, x, f, from, d)
}

// takeAgain tells that a file is applied already, and refuses other content under its name.
func (h *hub) takeAgain(ctx context.Context, x *exchange.Exchange, r postgres.FileRecord, sum string) (joining, error) {
	if r.SM3 == "" || r.SM3 == sum {
		return joining{r.File(), "早已入账，未作改动", "it is applied already; nothing was changed"}, nil
	}
	why := card.WithEdition(card.Refuse("take "+r.Name+" by hand", card.Finding{Reason: card.ReasonFileSequenceRepeated,
		Found: "other content than that which was applied", Expected: "the next sequence number for new content"}), sum)
	if err := h.fileDesk(x).Refuse(ctx, r.File(), why); err != nil {
		return joining{}, err
	}
	return joining{}, why
}

// take archives the file and has it judged as one that came by SFTP.
func (h *hub) take(ctx context.Context, x *exchange.Exchange, f card.File, from letter, d card.Decision) (joining, error) {
	if err := h.expected(ctx, f); err != nil {
		return joining{}, err
	}
	judges := h.fileDesk(x)
	if _, err := x.Rejoin(ctx, f, from.path, from.ok); err != nil {
		if card.KindOf(err) == card.Invalid {
			if failed := judges.Refuse(ctx, f, err); failed != nil {
				return joining{}, failed
			}
		}
		return joining{}, err
	}
	waits := judges.Admit(ctx, f, x, func(ctx context.Context) error { return h.readRows(ctx, x, f) })
	if waits != nil && card.KindOf(waits) != card.Later && card.ReasonOf(waits) != card.ReasonFileSequenceGap {
		return joining{}, waits
	}
	fresh, err := h.ledger.FileJoined(ctx, f, d)
	if err != nil || fresh {
		return tellJoined(f, fresh, waits), err
	}
	return tellJoined(f, fresh, waits), h.refusedBefore(ctx, f)
}

// refusedBefore is the refusal of content that was put in before, and that the step which waits for it could not use.
func (h *hub) refusedBefore(ctx context.Context, f card.File) error {
	r, err := h.ledger.FindFile(ctx, f)
	if err != nil || r.Stage != "quarantined" || r.Reason == card.ReasonFileSequenceGap || r.Reason == card.ReasonFileHeld {
		return err
	}
	return card.E(card.Conflict, "take "+f.Name()+" by hand: the same content was refused before", r.Reason, nil)
}

func tellJoined(f card.File, fresh bool, waits error) joining {
	switch {
	case !fresh:
		return joining{f, "同一内容早已并入，未作改动", "the same content was put in before; nothing was changed"}
	case waits != nil:
		reason := card.ReasonOf(waits)
		return joining{f, "已归档，暂不取用: " + string(reason) + "，" + reason.Text().ZH, "it is archived and waits: " + string(reason) + ", " + reason.Text().EN}
	}
	return joining{f, "已归档并通过校验，等待它的流程随后自动取用", "it is archived and passed the checks; whoever waits for it takes it at the next look"}
}

// expected refuses a file that nobody waits for, before anything is done with it.
func (h *hub) expected(ctx context.Context, f card.File) error {
	standing, err := h.ledger.FileStanding(ctx, f)
	if err == nil && standing == card.FileUnexpected {
		err = card.Refuse("take "+f.Name()+" by hand", card.Finding{Reason: card.ReasonFileUnexpected,
			Found: "a file that nobody asked for", Expected: "the answer to a request of the hub"})
	}
	return err
}

// readRows reads a file to its end, so that what is wrong with its layout is told at once.
func (h *hub) readRows(ctx context.Context, x *exchange.Exchange, f card.File) error {
	rows, err := desk.Fetch(ctx, desk.Desk{Exchange: x, Layouts: h.layouts[f.Partner]}, f, f.Kind,
		func(r *layout.Row) (int, error) { return r.Ref, nil })
	if err != nil {
		return err
	}
	for _, err := range rows {
		if err != nil && !card.IsRefusedRow(err) {
			return err
		}
	}
	return nil
}
