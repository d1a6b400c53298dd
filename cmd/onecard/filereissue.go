package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/exchange"
	"onecard/connectors/exchange/desk"
	"onecard/connectors/layout"
	"onecard/connectors/postgres"
)

func fileReissueCommand(s *settings) *cobra.Command {
	var d *card.Decision
	cmd := &cobra.Command{
		Use:   "reissue FILE --reason WHY --as WHO",
		Short: "Send a file of ours again that the partner refused, has not taken, or lost (重发)",
		Long: `Send a file of ours again. One person asks, and a second, other person confirms by the same command. What is done
follows from what is proved, so that the partner never acts twice:

- the partner refused it: the same rows go under the next number;
- it lies untaken in the partner's inbox: it is taken back, and the same rows go under the next number;
- it lies nowhere any more, and the partner says that it never had it: the same file goes again under its own name;
- the partner has taken it: nothing is sent (FILE_OUTCOME_UNKNOWN). Ask the partner.

重发我方文件，须两人。对方拒收的、尚在其 inbox 未取走（先撤回）的，以下一序号重发相同内容；已不见踪影且对方确认从未收到的，
以原名重发；对方已取走的不重发。`,
		Example: `  onecard file reissue ICBC_ACCTREQ_20261121_000003.txt --reason "refused for a key that has been changed" --as operator1
  onecard file reissue ICBC_ACCTREQ_20261121_000003.txt --reason "agreed" --as operator2`,
		Args: oneFile,
		RunE: s.withFiles(func(cmd *cobra.Command, args []string, h *hub, x *exchange.Exchange) error {
			f, err := card.ParseFileName(args[0])
			if err != nil {
				return err
			}
			r, err := h.reissue(cmd.Context(), x, f, *d)
			if err != nil {
				return err
			}
			return tellReissue(cmd.OutOrStdout(), r)
		}),
	}
	d = decisionFlags(cmd)
	return cmd
}

func tellReissue(w io.Writer, r postgres.Reissue) error {
	zh, en := "已提出重发，须由另一人执行同一命令复核", "it is asked for; another person confirms it by the same command"
	switch {
	case r.Confirmed && r.Same:
		zh, en = "已以原名重发", "it was sent again under its own name"
	case r.Confirmed:
		zh, en = "已换号重发为 "+r.Successor.Name(), "it goes as "+r.Successor.Name()+" now"
	}
	_, err := fmt.Fprintf(w, "%s %s。\n%s: %s\n", r.File.Name(), zh, r.File.Name(), en)
	return err
}

// reissue sends a file again once two people want it. Who was interrupted in between says it again.
func (h *hub) reissue(ctx context.Context, x *exchange.Exchange, f card.File, d card.Decision) (postgres.Reissue, error) {
	p, err := h.partner(f.Partner)
	if err != nil {
		return postgres.Reissue{}, err
	}
	r, err := h.ledger.AskReissue(ctx, f, d)
	if err != nil || !r.Confirmed {
		return r, err
	}
	record, err := h.ledger.FindFile(ctx, f)
	if err != nil {
		return r, err
	}
	if r.Same {
		return r, h.sendSame(ctx, x, record, d)
	}
	if r.Withdraw {
		if err := x.Withdraw(ctx, f); err != nil {
			return r, err
		}
		if err := h.ledger.FileWithdrawn(ctx, f, d); err != nil {
			return r, err
		}
	}
	if r.Successor, err = h.ledger.NameSuccessor(ctx, f); err != nil {
		return r, err
	}
	proof, err := h.sendRows(ctx, x, record, r.Successor)
	if err != nil {
		return r, err
	}
	return r, h.ledger.SucceedFile(ctx, f, r.Successor, proof, time.Now().Add(p.AnswerWithin), d)
}

// sendSame publishes a file again, byte for byte. What lies at the partner after all is not sent.
func (h *hub) sendSame(ctx context.Context, x *exchange.Exchange, r postgres.FileRecord, d card.Decision) error {
	kept, err := pickCopy(x, r, "")
	if err != nil {
		return err
	}
	proof, err := x.Publish(ctx, r.File(), r.Layout, func(w io.Writer) (exchange.Totals, error) {
		return exchange.Totals{Rows: r.Rows, Fen: r.TotalFen}, pour(w, kept.Path)
	})
	if err != nil {
		return err
	}
	return h.ledger.FileResent(ctx, r.File(), proof, d)
}

// copied is a row on its way from one file of ours to the next.
type copied struct {
	ref    int
	fields []string
}

// sendRows publishes the rows of a file of ours, as they stand in the archive, in another one. They are what was approved:
// nothing is asked of the ledger again.
func (h *hub) sendRows(ctx context.Context, x *exchange.Exchange, r postgres.FileRecord, next card.File) (card.Proof, error) {
	l, rows, err := h.archivedRows(x, r)
	if err != nil {
		return card.Proof{}, err
	}
	return desk.Publish(ctx, x, next, l, rows, func(row copied, values []string) (int, []string, error) {
		return row.ref, append(values, row.fields...), nil
	})
}

// archivedRows reads a file of ours back from the archive.
func (h *hub) archivedRows(x *exchange.Exchange, r postgres.FileRecord) (*layout.Layout, iter.Seq2[copied, error], error) {
	kept, err := pickCopy(x, r, "")
	if err != nil {
		return nil, nil, err
	}
	l, err := h.layouts[r.Partner].Of(r.Kind)
	if err != nil {
		return nil, nil, err
	}
	m := manifestOf(r)
	open := func() (io.ReadCloser, error) { return os.Open(kept.Path) }
	return l, layout.Read(open, l, layout.Expected{File: r.File(), Manifest: &m}, func(row *layout.Row) (copied, error) {
		return copied{row.Ref, row.Fields}, nil
	}), nil
}
