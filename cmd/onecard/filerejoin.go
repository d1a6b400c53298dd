package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/exchange"
	"onecard/connectors/postgres"
)

func fileRejoinCommand(s *settings) *cobra.Command {
	var d *card.Decision
	var partner, name string
	cmd := &cobra.Command{
		Use:   "rejoin FILE --reason WHY --as WHO",
		Short: "Put a file that came or went by hand back into the process that waits for it (并入)",
		Long: `Put a file that came or went by hand back into the process that waits for it. FILE is one of these:

- with --partner the path of the partner's file that came by e-mail or on a stick, its manifest FILE.ok beside it. It is
  archived and checked exactly as if it had come by SFTP, and the step that waits takes it with all its rows;
- the name of a file of ours that was brought to the partner by hand ("file show FILE --raw -o PATH" gives the file and its
  manifest): its step goes on and waits for the answer;
- the name PARTNER_STRAY_… under which the hub keeps a file that lay at the partner under a wrong name.

It goes by the digest of the content: again changes nothing and says so.

把人工送达的文件并入等待它的流程：对方以邮件、U 盘送来的文件（--partner，旁边须有 .ok 清单），由我方人工送达对方的文件，
或对方放错名字的文件（…_STRAY_…）。校验与经 SFTP 收到的完全相同；重复执行不改变任何内容。`,
		Example: `  onecard file rejoin usb/ICBC_ACCTRET_20261121_000003.txt --partner ICBC --reason "came by e-mail" --as operator1
  onecard file rejoin ICBC_ACCTREQ_20261121_000003.txt --reason "brought to the bank by Chen" --as operator1
  onecard file rejoin ICBC_STRAY_20261121_000001.txt --reason "the bank confirmed the name" --as operator1`,
		Args: oneFile,
		RunE: s.withFiles(func(cmd *cobra.Command, args []string, h *hub, x *exchange.Exchange) error {
			told, err := h.rejoin(cmd.Context(), x, letter{partner: partner, path: args[0], ok: args[0] + ".ok", name: name}, *d)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s %s。\n%s: %s\n", told.file.Name(), told.zh, told.file.Name(), told.en)
			return err
		}),
	}
	cmd.Flags().StringVar(&partner, "partner", "", "FILE is a path, and the file is this partner's (合作单位)")
	cmd.Flags().StringVar(&name, "name", "", "take the file under this name; as its manifest says when empty (文件名)")
	d = decisionFlags(cmd)
	return cmd
}

// joining is what came of a rejoin, for people.
type joining struct {
	file   card.File
	zh, en string
}

// rejoin sorts out by whom and which way the file was carried.
func (h *hub) rejoin(ctx context.Context, x *exchange.Exchange, from letter, d card.Decision) (joining, error) {
	if from.partner != "" {
		return h.rejoinLetter(ctx, x, from, d)
	}
	f, err := card.ParseFileName(from.path)
	if err != nil {
		return joining{}, err
	}
	r, err := h.ledger.FindFile(ctx, f)
	switch {
	case err != nil:
		return joining{}, err
	case r.Direction == "out":
		return h.deliver(ctx, x, r, d)
	case f.Kind == postgres.KindStray:
		return h.rejoinStray(ctx, x, r, from.name, d)
	}
	return joining{}, fmt.Errorf("%w: %s is the partner's: give the path of the file that came by hand, and --partner", errUse, f.Name())
}

// deliver records that a file of ours was brought to its partner by hand, as it stands in the archive.
func (h *hub) deliver(ctx context.Context, x *exchange.Exchange, r postgres.FileRecord, d card.Decision) (joining, error) {
	p, err := h.partner(r.Partner)
	if err != nil {
		return joining{}, err
	}
	_, rows, err := h.archivedRows(x, r)
	if err != nil {
		return joining{}, err
	}
	carried := []int64{}
	for row, err := range rows {
		if err != nil {
			return joining{}, err
		}
		carried = append(carried, int64(row.ref))
	}
	fresh, err := h.ledger.FileDelivered(ctx, r.File(), carried, time.Now().Add(p.AnswerWithin), d)
	if !fresh {
		return joining{r.File(), "对方早已收到，未作改动", "the partner is known to have it; nothing was changed"}, err
	}
	return joining{r.File(), "已登记为人工送达，流程继续并等待答复", "it is recorded as brought by hand; its step goes on and waits for the answer"}, err
}

// rejoinStray takes a file under its right name that lay at the partner under a wrong one. Its manifest may lie there under a
// wrong name as well, and is known by the digest in it.
func (h *hub) rejoinStray(ctx context.Context, x *exchange.Exchange, r postgres.FileRecord, name string, d card.Decision) (joining, error) {
	kept, err := pickCopy(x, r, "")
	if err != nil {
		return joining{}, err
	}
	strays, err := h.ledger.FindFiles(ctx, postgres.FileFilter{Partner: r.Partner, Kind: string(postgres.KindStray), Limit: 1000})
	if err != nil {
		return joining{}, err
	}
	from := letter{partner: r.Partner, path: kept.Path, ok: kept.Path + ".ok", name: name}
	for _, other := range strays {
		manifest, err := pickCopy(x, other, "")
		if err != nil {
			continue // it was too large to be kept
		}
		if m, err := exchange.DeclaredAt(manifest.Path); err == nil && m.SM3 == kept.SM3 {
			from.ok = manifest.Path
		}
	}
	d.Note += " (" + r.Name + ")"
	return h.rejoinLetter(ctx, x, from, d)
}
