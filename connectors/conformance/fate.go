package conformance

import (
	"context"
	"os"
	"time"

	"github.com/pkg/sftp"

	"onecard/card"
)

// deliver posts letters that can be sent, all on one connection where that lasts.
func (b *bench) deliver(ctx context.Context, letters []*letter) {
	for range len(letters) {
		_ = b.wire.use(ctx, func(c *sftp.Client) error { // what went wrong stands in the letters
			for _, x := range letters {
				if x == nil || x.problem != nil || x.posted {
					continue
				}
				if err := x.post(c); err != nil && answered(err) {
					x.problem = err
				} else if err != nil {
					return err
				}
				x.posted = x.problem == nil
			}
			return nil
		})
		if sent(letters) {
			return
		}
	}
	for _, x := range letters {
		if x != nil && !x.posted && x.problem == nil {
			x.problem = odd("连接每次都中断", "the connection ended each time")
		}
	}
}

func sent(letters []*letter) bool {
	for _, x := range letters {
		if x != nil && x.problem == nil && !x.posted {
			return false
		}
	}
	return true
}

// await looks until every letter is settled, or the wait is over.
func (b *bench) await(ctx context.Context, letters []*letter, settled func(*letter) bool) {
	for until := b.Now().Add(b.Wait); ; {
		_ = b.wire.use(ctx, func(c *sftp.Client) error { return b.look(c, letters) }) // a look that fails is made again
		if all(letters, settled) || b.Now().After(until) || ctx.Err() != nil {
			return
		}
		select {
		case <-time.After(b.Look):
		case <-ctx.Done():
		}
	}
}

func all(letters []*letter, settled func(*letter) bool) bool {
	for _, x := range letters {
		if x != nil && x.posted && !settled(x) {
			return false
		}
	}
	return true
}

// look sees what has become of letters. The inbox is listed first: a partner writes its notice before it moves the file, so
// what is gone from there has its notice by then.
func (b *bench) look(c *sftp.Client, letters []*letter) error {
	inbox, err := list(c, "test/inbox")
	if err != nil {
		return err
	}
	outbox, err := list(c, "test/outbox")
	if err != nil {
		return err
	}
	for _, x := range letters {
		if x == nil || !x.posted || x.fate == refused || x.fate == acted {
			continue
		}
		_, there := inbox[plain(x.name)]
		_, told := outbox[plain(x.name+".err")]
		switch {
		case told:
			if x.notice, err = get(c, "test/outbox/"+x.name+".err"); err != nil {
				return err
			}
			x.fate = refused
		case b.isAnswered(outbox, x):
			x.fate = acted
		case !there:
			x.fate = gone
		}
	}
	return nil
}

func (b *bench) isAnswered(outbox map[string]os.FileInfo, x *letter) bool {
	kind := b.answerKind()
	if kind == "" || x.file == (card.File{}) {
		return false
	}
	name := x.file.Answer(kind).Name()
	if !b.undeclared() {
		name += ".ok"
	}
	_, there := outbox[plain(name)]
	return there
}
