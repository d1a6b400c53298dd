package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pkg/sftp"

	"onecard/card"
	"onecard/connectors/exchange"
	"onecard/connectors/layout"
)

// goodFiles are the good files of a test and what came back.
type goodFiles struct {
	ran                                                    bool
	first, empty, twice, bare, receipt, again, reuse, last *letter
	published, collected, read, moved                      error
	asked, answered                                        map[int][]string // fields of the first file's rows and of their answers, by ref
	stays                                                  bool             // the answer lies in the outbox although it was moved
}

// exchanged sends the good files once: first new ones, then repetitions, when the answers of the first are known.
func (b *bench) exchanged(ctx context.Context) *goodFiles {
	g := &b.good
	if g.ran {
		return g
	}
	g.ran = true
	b.firstFiles(ctx)
	b.takeAnswer(ctx)
	b.seeAnswer(ctx)
	b.secondFiles(ctx)
	return g
}

func (b *bench) firstFiles(ctx context.Context) {
	g := &b.good
	g.first, g.empty, g.twice = b.made(sampleRows), b.made(0), b.made(sampleRows)
	g.bare, g.receipt = b.made(sampleRows), b.madeReceipt()
	g.bare.bare = true
	if hasFrame(b, g.twice) {
		row := g.twice.split()[3]
		g.twice.rows++
		g.twice.set("rows", fmt.Sprint(g.twice.rows))
		g.twice.problem = errors.Join(g.twice.problem,
			g.twice.line(3, func(text string) string { return text + string(row) }),
			g.twice.field(g.twice.rows+1, 1, fmt.Sprint(g.twice.rows)))
	}
	if g.first.problem == nil {
		g.published = b.publishFirst(ctx)
		g.first.posted = g.published == nil
	}
	others := []*letter{g.empty, g.receipt}
	if hasFrame(b, g.twice) {
		others = append(others, g.twice)
	}
	if !b.undeclared() {
		others = append(others, g.bare)
	}
	b.deliver(ctx, others)
	b.await(ctx, append(others, g.first), func(x *letter) bool { return x == g.bare || b.over(x) })
}

// over says whether nothing more is to come for a good file.
func (b *bench) over(x *letter) bool {
	return x.fate == refused || x.fate == acted || x.fate == gone && (b.answerKind() == "" || x.file.Kind == card.Receipt)
}

// made is a good file; why it could not be made stands in it.
func (b *bench) made(rows int) *letter {
	x, err := b.fresh(rows)
	if err != nil {
		return &letter{problem: err}
	}
	return x
}

// madeReceipt is a receipt such as the hub sends for every file that it has collected.
func (b *bench) madeReceipt() *letter {
	l, err := b.Layouts.Of(card.Receipt)
	if err != nil {
		return &letter{problem: err}
	}
	b.next++
	f := card.File{Partner: b.Endpoint.Partner, Kind: card.Receipt, Date: b.day, Seq: b.next}
	x, err := b.written(f, l, func(w *bytes.Buffer, l *layout.Layout) (int, int64, error) {
		return layout.Write(w, l.Answering(b.good.first.name), f, once, func(int, []string) (int, []string, error) {
			return 1, []string{"F", "00", "", "", "", "", "", "", "", strings.Repeat("0", 64), "文件已收取并入账。", "The file was taken and applied."}, nil
		}, nil)
	})
	if err != nil {
		return &letter{problem: err}
	}
	return x
}

// once yields one row.
func once(yield func(int, error) bool) { yield(1, nil) }

func (b *bench) publishFirst(ctx context.Context) error {
	x := b.good.first
	_, err := b.x.Publish(ctx, x.file, b.layout.Name(), func(w io.Writer) (exchange.Totals, error) {
		_, err := w.Write(x.text)
		return exchange.Totals{Rows: x.rows, Fen: x.fen}, err
	})
	return err
}

// answerKind is the kind of file that answers the request, or empty.
func (b *bench) answerKind() card.FileKind {
	for _, k := range layout.Kinds() {
		if m, ok := layout.MessageOf(k); ok && m.Answers == b.Request {
			return k
		}
	}
	return ""
}

// takeAnswer collects the first answer as the hub does, reads it and moves it.
func (b *bench) takeAnswer(ctx context.Context) {
	g := &b.good
	kind := b.answerKind()
	if kind == "" || g.first.fate != acted {
		return
	}
	f := g.first.file.Answer(kind)
	received, err := b.collect(ctx, f)
	if g.collected = err; err != nil {
		return
	}
	l, err := b.Layouts.Of(kind)
	if err == nil {
		g.answered, err = rowsOf(received.Open, l, layout.Expected{File: f, Manifest: received.Declared()})
	}
	g.read = err
	g.moved = b.x.Done(ctx, f)
	mine := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(g.first.text)), nil }
	if g.asked, err = rowsOf(mine, b.layout, layout.Expected{File: g.first.file}); err != nil {
		g.read = errors.Join(g.read, err)
	}
}

// seeAnswer looks whether the answer still lies in the outbox: nobody can then tell a second one from it.
func (b *bench) seeAnswer(ctx context.Context) {
	g := &b.good
	x := *g.first
	x.fate = waiting
	_ = b.wire.use(ctx, func(c *sftp.Client) error { return b.look(c, []*letter{&x}) })
	g.stays = x.fate == acted
}

// collect asks for the answer until it is there; a file that still changes is asked for again.
func (b *bench) collect(ctx context.Context, f card.File) (*exchange.Received, error) {
	var received *exchange.Received
	var err error
	b.repeat(ctx, b.Wait, func() bool {
		received, err = b.x.Collect(ctx, f)
		kind := card.KindOf(err)
		return err == nil || kind != card.Later && kind != card.Unavailable
	})
	return received, err
}

// rowsOf reads the fields of a file's rows by their refs.
func rowsOf(open func() (io.ReadCloser, error), l *layout.Layout, want layout.Expected) (map[int][]string, error) {
	rows := map[int][]string{}
	for _, err := range layout.Read(open, l, want, func(r *layout.Row) (int, error) {
		rows[r.Ref] = slices.Clone(r.Fields)
		return r.Ref, nil
	}) {
		if err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// secondFiles sends the first file again, then another one, after whose answer nothing of the repetition is to come any more, and
// last another content under the name of the first.
func (b *bench) secondFiles(ctx context.Context) {
	g := &b.good
	if !b.over(g.first) || g.first.fate == refused {
		return
	}
	again := *g.first
	again.posted, again.fate = false, waiting
	g.again, g.last = &again, b.made(1)
	left := func(x *letter) bool { return x.fate != waiting }
	b.deliver(ctx, []*letter{g.again})
	b.await(ctx, []*letter{g.again}, left)
	b.deliver(ctx, []*letter{g.last})
	b.await(ctx, []*letter{g.last, g.again}, func(x *letter) bool { return x == g.again || b.over(x) })
	g.reuse = b.reused()
	b.deliver(ctx, []*letter{g.reuse})
	b.await(ctx, []*letter{g.reuse}, b.answeredFor)
}

// reused is another content under the name of the first file.
func (b *bench) reused() *letter {
	x := b.made(sampleRows - 1)
	x.file = b.good.first.file
	x.problem = errors.Join(x.problem, x.rename(b.good.first.name))
	x.set("sequence", fmt.Sprint(x.file.Seq))
	if x.problem == nil && hasFrame(b, x) {
		x.problem = x.field(0, 3, x.name)
	}
	return x
}
