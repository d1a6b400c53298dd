package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/exchange"
	"onecard/connectors/postgres"
)

// fileView is what `file show -o json` prints.
type fileView struct {
	postgres.FileRecord
	Verdicts  []postgres.FileVerdict  `json:"verdicts"`
	Decisions []postgres.FileDecision `json:"decisions"`
	RowEvents []postgres.RowEvents    `json:"row_events"`
	Copies    []exchange.Copy         `json:"archive"`
	AtPartner []exchange.Place        `json:"at_partner"`
	Fate      fate                    `json:"fate"`
}

// fate says what lies at the partner of a file.
type fate struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

func fileShowCommand(s *settings) *cobra.Command {
	var raw bool
	var out, edition string
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Show all that is known of a file, also what lies at its partner; --raw gives its archived bytes",
		Long: `Show a file: digest, size, stages with their times, what the checks found (row, column, what is there and what should be),
what people decided, receipts owed and sent, which rows it moved, and what lies at its partner right now.

Only the raw bytes hold personal data. --raw writes them to the output, or with -o to a file; of a file of ours its signed
manifest is then written beside it, so that both can be carried to the partner by hand.

显示一个文件的全部情况；--raw 取出归档的原始字节（含个人信息，请妥善保管）。`,
		Example: `  onecard file show ICBC_ACCTRET_20261121_000003.txt
  onecard file show ICBC_ACCTRET_20261121_000003.txt -o json
  onecard file show ICBC_ACCTREQ_20261121_000003.txt --raw -o usb/ICBC_ACCTREQ_20261121_000003.txt
  onecard file show ICBC_ACCTRET_20261121_000003.txt --raw --edition 9f86d081`,
		Args: oneFile,
		RunE: s.withFiles(func(cmd *cobra.Command, args []string, h *hub, x *exchange.Exchange) error {
			f, err := card.ParseFileName(args[0])
			if err != nil {
				return err
			}
			if raw {
				return h.writeRaw(cmd.Context(), x, f, edition, out, cmd.OutOrStdout())
			}
			if out != "" && out != "text" && out != "json" {
				return fmt.Errorf("%w: -o is text or json, and a file only with --raw", errUse)
			}
			v, err := h.viewFile(cmd.Context(), x, f)
			if err != nil {
				return err
			}
			if out == "json" {
				return writeJSON(cmd.OutOrStdout(), v)
			}
			return printFile(cmd.OutOrStdout(), v)
		}),
	}
	cmd.Flags().BoolVar(&raw, "raw", false, "the archived bytes themselves (原始字节)")
	cmd.Flags().StringVar(&edition, "edition", "", "with --raw: the edition whose SM3 digest begins so (指定版本)")
	cmd.Flags().StringVarP(&out, "output", "o", "", "text or json; with --raw the file to write")
	return cmd
}

// viewFile puts together what is known of a file.
func (h *hub) viewFile(ctx context.Context, x *exchange.Exchange, f card.File) (v fileView, err error) {
	if v.FileRecord, err = h.ledger.FindFile(ctx, f); err != nil {
		return v, err
	}
	if v.Verdicts, err = h.ledger.FileVerdicts(ctx, f); err != nil {
		return v, err
	}
	if v.Decisions, err = h.ledger.FileDecisions(ctx, f); err != nil {
		return v, err
	}
	if v.RowEvents, err = h.ledger.FileRowEvents(ctx, f); err != nil {
		return v, err
	}
	if v.Copies, err = x.Copies(f); err != nil {
		return v, err
	}
	places, err := x.Whereabouts(ctx, f)
	switch kind := card.KindOf(err); {
	case err == nil:
		v.AtPartner, v.Fate = places, fateOf(v.Direction, places)
	case kind == card.Unavailable || kind == card.NotFound:
		v.Fate = fate{"现在无法查看对方的服务器。", "the partner's server cannot be looked at now: " + err.Error()}
	default:
		return v, err
	}
	return v, nil
}

// fates are what the folders in which something of a file lies tell about it; the first that is there holds.
var fates = []struct {
	direction, folder, suffix string
	fate
}{
	{"out", "outbox", ".err", fate{"对方已拒收，退件说明在其 outbox。", "the partner refused it; its notice lies in the outbox"}},
	{"out", "inbox", ".ok", fate{"已送到对方 inbox，对方尚未取走。", "it lies in the partner's inbox and was not taken yet"}},
	{"out", "inbox/done", "", fate{"对方已取走（在 inbox/done）。", "the partner has taken it: it lies in inbox/done"}},
	{"out", "inbox/done", ".ok", fate{"对方已取走（清单在 inbox/done）。", "the partner has taken it: its manifest lies in inbox/done"}},
	{"out", "inbox", "", fate{"已送到对方 inbox，但没有清单，对方不会取走。", "it lies in the partner's inbox without its manifest, and is not taken so"}},
	{"out", "inbox", ".withdrawn", fate{"已从对方 inbox 撤回。", "it was taken back from the partner's inbox"}},
	{"in", "outbox/refused", "", fate{"已退回对方（在 outbox/refused）。", "it was given back: it lies in outbox/refused"}},
	{"in", "outbox", "", fate{"仍在对方 outbox。", "it lies in the partner's outbox"}},
	{"in", "outbox", ".ok", fate{"对方 outbox 里只有清单。", "only its manifest lies in the partner's outbox"}},
	{"in", "outbox/done", "", fate{"已收取并归入对方 outbox/done。", "it was taken and put away in outbox/done"}},
	{"in", "outbox/done", ".ok", fate{"已收取并归入对方 outbox/done。", "it was taken; its manifest lies in outbox/done"}},
}

func fateOf(direction string, places []exchange.Place) fate {
	for _, known := range fates {
		for _, p := range places {
			if known.direction == direction && strings.HasSuffix(path.Dir(p.Path), known.folder) && strings.HasSuffix(p.Path, ".txt"+known.suffix) {
				return known.fate
			}
		}
	}
	return fate{"对方服务器上没有这个文件。", "nothing of it lies at the partner"}
}

// writeRaw gives the archived bytes of a file away, to the output or with the manifest of one of ours to a path.
func (h *hub) writeRaw(ctx context.Context, x *exchange.Exchange, f card.File, edition, to string, w io.Writer) error {
	r, err := h.ledger.FindFile(ctx, f)
	if err != nil {
		return err
	}
	c, err := pickCopy(x, r, edition)
	if err != nil {
		return err
	}
	if to == "" {
		return pour(w, c.Path)
	}
	if r.Direction == "out" {
		return x.Carry(f, manifestOf(r), to)
	}
	out, err := os.OpenFile(filepath.Clean(to), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write the raw bytes: %w", err)
	}
	if err := pour(out, c.Path); err != nil {
		_ = out.Close()
		return err
	}
	return out.Close()
}

func pour(w io.Writer, from string) error {
	in, err := os.Open(filepath.Clean(from))
	if err != nil {
		return fmt.Errorf("read the archive: %w", err)
	}
	defer func() { _ = in.Close() }()
	_, err = io.Copy(w, in)
	return err
}

// pickCopy finds the bytes of which the ledger speaks, or an edition of which the digest is given.
func pickCopy(x *exchange.Exchange, r postgres.FileRecord, edition string) (exchange.Copy, error) {
	copies, err := x.Copies(r.File())
	if err != nil {
		return exchange.Copy{}, err
	}
	wanted := r.SM3
	if edition != "" {
		wanted = strings.ToLower(edition)
	}
	for _, c := range copies {
		if !c.Manifest && strings.HasPrefix(c.SM3, wanted) {
			return c, nil
		}
	}
	return exchange.Copy{}, card.E(card.NotFound, "find the bytes of "+r.Name, card.ReasonFileArchive, nil)
}

// manifestOf is what the ledger knows a file to be.
func manifestOf(r postgres.FileRecord) card.Manifest {
	return card.Manifest{Name: r.Name, Layout: r.Layout, Date: r.Date, Sequence: r.Sequence, Size: r.Size, Rows: r.Rows, TotalFen: r.TotalFen, SM3: r.SM3}
}
