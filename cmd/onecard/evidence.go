package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"fmt"
	"io"
	"iter"

	"github.com/emmansun/gmsm/sm2"
	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/evidence"
	"onecard/connectors/exchange"
	"onecard/connectors/postgres"
)

//go:embed evidence.txt
var evidenceReadMe string

func rolloutEvidenceCommand(s *settings) *cobra.Command {
	var out string
	var withFiles bool
	cmd := &cobra.Command{
		Use:   "evidence ID -o FILE.zip",
		Short: "Write all that proves a subsidy rollout into one signed archive (证据包)",
		Long: `Write all that proves a subsidy rollout into one archive: rules, approvals with their signatures, every payment, every file out
and in with the proof of its delivery, the reconciliation, exceptions, samples, timeline and audit chain, signed with the hub's key.
"onecard evidence verify" checks it without the hub. Payees stand in it by blind indexes; with --with-files the archived raw bytes of
all files are put in, which hold names and accounts.`,
		Example: `  onecard rollout evidence R20261121-002 -o evidence.zip
  onecard rollout evidence R20261121-002 -o evidence-with-files.zip --with-files`,
		Args: oneID,
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			p := progressTo(cmd.ErrOrStderr())
			err := writeFile(out, func(w io.Writer) error {
				return h.writeEvidence(cmd.Context(), card.RolloutID(args[0]), w, withFiles, p)
			})
			p.end()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "证据包已写入 %s，核验：onecard evidence verify %s\nevidence written to %s; check it with onecard evidence verify %s\n", out, out, out, out)
			return err
		}),
	}
	cmd.Flags().BoolVar(&withFiles, "with-files", false, "put the archived raw bytes of all files in: they hold personal data (含原始文件)")
	fileFlag(cmd, &out)
	return cmd
}

// signKey signs for the hub with the key in a file.
type signKey string

// Sign returns the SM2 signature of text.
func (k signKey) Sign(text []byte) ([]byte, error) {
	key, err := exchange.LoadKey(string(k))
	if err != nil {
		return nil, err
	}
	return key.Sign(rand.Reader, text, sm2.NewSM2SignerOption(true, nil))
}

// PublicKey returns the key's public point in hex.
func (k signKey) PublicKey() (string, error) { return exchange.PublicKey(string(k)) }

// toldWriter shows how many lines have gone into a pack.
type toldWriter struct {
	*evidence.Writer
	p *progress
}

// Lines writes an entry of one JSON value a line.
func (w toldWriter) Lines(name string, rows iter.Seq2[any, error]) error {
	return w.Writer.Lines(name, counted(w.p, "lines, now in (行，正在写入) "+name, rows))
}

// writeEvidence writes the pack of a rollout.
func (h *hub) writeEvidence(ctx context.Context, id card.RolloutID, to io.Writer, withFiles bool, p *progress) error {
	return h.ledger.ReadEvidence(ctx, id, func(e *postgres.Evidence) error {
		w := evidence.NewWriter(to, signKey(h.cfg.Exchange.SignKeyFile))
		if err := w.Text(evidence.ReadMe, evidenceReadMe); err != nil {
			return err
		}
		files, err := e.WriteTo(ctx, toldWriter{w, p})
		if err != nil {
			return err
		}
		if withFiles {
			if err := h.packRaw(w, files, p); err != nil {
				return err
			}
		}
		return w.Close()
	})
}

// packRaw puts the archived bytes of every file into the pack that was written or taken in. One that is not in the archive is an
// error: a pack that was asked to have all files has all.
func (h *hub) packRaw(w *evidence.Writer, files []postgres.FileRecord, p *progress) error {
	x, err := h.exchange()
	if err != nil {
		return err
	}
	defer x.Close() //nolint:errcheck // nothing was sent
	for i, f := range files {
		p.show(fmt.Sprintf("%d of %d files (个文件)", i+1, len(files)))
		if f.SM3 == "" {
			continue
		}
		c, err := pickCopy(x, f, "")
		if err != nil {
			return err
		}
		folder := evidence.FilesIn
		if f.Direction == "out" {
			folder = evidence.FilesOut
		}
		if err := w.Entry(folder+f.Name, func(out io.Writer) error { return pour(out, c.Path) }); err != nil {
			return err
		}
	}
	return nil
}
