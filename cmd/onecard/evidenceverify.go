package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/emmansun/gmsm/sm2"
	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/evidence"
)

func evidenceCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{Use: "evidence", Short: "Check what proves a rollout (证据包核验)", Example: "  onecard evidence verify evidence.zip --key hub-sign.pub"}
	cmd.AddCommand(verifyCommand(s))
	return cmd
}

func verifyCommand(s *settings) *cobra.Command {
	var keyFile string
	cmd := &cobra.Command{
		Use:   "verify FILE.zip",
		Short: "Check an evidence pack, without the hub: digests, signatures, sums, audit chain (核验证据包)",
		Long: `Check an evidence pack without the hub and its ledger. Give the hub's public key by --key, as the hub published it (keys/sign.pem.pub of
its folder): without it the pack is only held against the key that it names itself. The exit code is 3 when anything is wrong.`,
		Example: `  onecard evidence verify evidence.zip --key var/keys/sign.pem.pub
  onecard evidence verify evidence.zip -o json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("%w: name one evidence pack (请给出一个证据包文件)", errUse)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			p := progressTo(cmd.ErrOrStderr())
			r, err := verifyFile(args[0], keyFile, p)
			p.end()
			if err != nil {
				return err
			}
			if s.json() {
				err = writeJSON(cmd.OutOrStdout(), r)
			} else {
				err = printVerified(cmd.OutOrStdout(), r)
			}
			if err == nil && !r.Holds() {
				err = card.E(card.Breach, "verify "+filepath.Base(args[0]), card.ReasonEvidenceWrong, nil)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&keyFile, "key", "", "file with the hub's public key, the point in hex (系统公钥文件)")
	formatFlag(cmd, s)
	return cmd
}

// toldReader shows how much of a file has been read. What is checked in several ways is read as often.
type toldReader struct {
	io.ReaderAt
	p    *progress
	read int64
}

func (r *toldReader) ReadAt(b []byte, off int64) (int, error) {
	n, err := r.ReaderAt.ReadAt(b, off)
	r.read += int64(n)
	r.p.due(func() string { return fmt.Sprintf("%d MiB read (已读)", r.read>>20) })
	return n, err
}

func verifyFile(path, keyFile string, p *progress) (evidence.Report, error) {
	trusted := ""
	if keyFile != "" {
		text, err := os.ReadFile(filepath.Clean(keyFile))
		if err != nil {
			return evidence.Report{}, fmt.Errorf("read the hub's public key: %w", err)
		}
		trusted = strings.TrimSpace(string(text))
		if _, err := sm2.NewPublicKey(decoded(trusted)); err != nil {
			return evidence.Report{}, fmt.Errorf("%w: --key %s holds no public key: 04 and 128 hex digits (公钥文件内容不对，应为04开头的130位十六进制)", errUse, keyFile)
		}
	}
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return evidence.Report{}, fmt.Errorf("open the evidence pack: %w", err)
	}
	defer f.Close() //nolint:errcheck // read only
	info, err := f.Stat()
	if err != nil {
		return evidence.Report{}, fmt.Errorf("open the evidence pack: %w", err)
	}
	return evidence.Verify(&toldReader{ReaderAt: f, p: p}, info.Size(), trusted)
}

// decoded is what the hex digits say; nothing when they are none.
func decoded(digits string) []byte {
	raw, err := hex.DecodeString(digits)
	if err != nil {
		return nil
	}
	return raw
}

// printVerified tells what was checked and what is wrong.
func printVerified(w io.Writer, r evidence.Report) error {
	_, _ = fmt.Fprintf(w, "%s  密钥 key %.16s…  ", r.Rollout, r.Key)
	if r.Trusted {
		_, _ = fmt.Fprintln(w, "与所给公钥一致 it is the key that was given")
	} else {
		_, _ = fmt.Fprintln(w, "未与可信公钥比对，请用--key给出 not compared with a trusted key: give it by --key")
	}
	_, _ = fmt.Fprintf(w, "审计链链尾 head of the audit chain: %d %s\n\n", r.HeadLine, r.HeadHash)
	for _, c := range r.Checks {
		mark := "✓"
		if !c.Holds {
			mark = "✗"
		}
		_, _ = fmt.Fprintf(w, "%s %s\n  %s\n  %s\n", mark, c.ZH, c.EN, c.Figure)
		for _, wrong := range c.Wrong {
			_, _ = fmt.Fprintf(w, "    - %s\n", wrong)
		}
		if c.More > 0 {
			_, _ = fmt.Fprintf(w, "    … 另有%d处 %d more\n", c.More, c.More)
		}
	}
	verdict := "全部通过 everything holds"
	if !r.Holds() {
		verdict = "没有通过 the pack does not hold"
	}
	_, err := fmt.Fprintf(w, "\n%s\n", verdict)
	return err
}
