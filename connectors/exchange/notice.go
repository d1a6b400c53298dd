package exchange

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"onecard/card"
)

// Notice returns the reason code that partner's notice about our file f gives, FILE_REFUSED_THERE when it gives none that the
// hub knows. What the notice says stands in the archive beside our file, as `<name>.err`. The error is NotFound when there is
// no notice.
func (x *Exchange) Notice(ctx context.Context, f card.File) (card.Reason, error) {
	const op = "exchange.notice"
	if err := checkName(op, f); err != nil {
		return "", err
	}
	l, err := x.lane(f.Partner)
	if err != nil {
		return "", err
	}
	var text []byte
	kept := x.archive.out(f) + ".err"
	err = l.use(ctx, op, func(s *session) (err error) {
		text, err = s.readSafely(path.Join(l.Outbox, f.Name()+".err"), func(text []byte) error { return keep(kept, text) })
		return err
	})
	if err != nil {
		return "", err
	}
	if text == nil { // a server that lets it be read once shows it no more
		text, err = os.ReadFile(filepath.Clean(kept))
		if errors.Is(err, fs.ErrNotExist) {
			return "", card.E(card.NotFound, op, "", fmt.Errorf("partner %s has no notice about %s", l.Partner, f.Name()))
		}
	}
	return noticeReason(string(text)), archiveError(err)
}

// NoticeRead moves the notice about f to done/. Repeating it is harmless.
func (x *Exchange) NoticeRead(ctx context.Context, f card.File) error {
	l, err := x.lane(f.Partner)
	if err != nil {
		return err
	}
	return l.use(ctx, "exchange.notice", func(s *session) error {
		_, err := s.setAside(l.Outbox, f.Name()+".err", "done")
		if refused(err) { // what cannot be moved stays, and is read again
			return nil
		}
		return err
	})
}

func noticeReason(text string) card.Reason {
	for line := range strings.Lines(text) {
		if code, ok := strings.CutPrefix(line, "reason="); ok {
			reason := card.Reason(strings.TrimSpace(code))
			for _, known := range card.Reasons() {
				if reason == known {
					return reason
				}
			}
		}
	}
	return card.ReasonFileRefusedThere
}

// withdrawn is what a file of ours, and its manifest, is called after it was taken back from the inbox.
const withdrawn = ".withdrawn"

// Withdraw takes our file f back from the partner's inbox: its manifest first, so that from then on nobody can take it.
// Repeating it is harmless. The error is Conflict with FILE_OUTCOME_UNKNOWN when the partner may have taken the file.
func (x *Exchange) Withdraw(ctx context.Context, f card.File) error {
	const op = "exchange.withdraw"
	if err := checkName(op, f); err != nil {
		return err
	}
	l, err := x.lane(f.Partner)
	if err != nil {
		return err
	}
	return l.use(ctx, op, func(s *session) error {
		names := []string{f.Name() + ".ok", f.Name()}
		if l.Manifests == ManifestsNone {
			names = names[1:]
		}
		for _, name := range names {
			back, err := s.takeBack(path.Join(l.Inbox, name))
			if err != nil {
				return err
			}
			if !back {
				return x.tooLate(op, f)
			}
		}
		if found, err := s.processed(l, f); err != nil || found {
			return errors.Join(err, x.tooLate(op, f))
		}
		return nil
	})
}

// takeBack gives a file its withdrawn name, and tells whether it has it now.
func (s *session) takeBack(name string) (bool, error) {
	here, err := s.exists(name)
	if err != nil {
		return false, err
	}
	if here {
		err = s.rename(name, name+withdrawn)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return false, err
		}
	}
	return s.exists(name + withdrawn)
}

func (x *Exchange) tooLate(op string, f card.File) error {
	return card.E(card.Conflict, op, card.ReasonFileOutcomeUnknown, fmt.Errorf("partner %s may have taken %s", f.Partner, f.Name()))
}
