package main

import (
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/layout"
)

// explanation is what `partner layout explain` is asked for.
type explanation struct {
	name   string // the name that the file had, when it was renamed
	wrong  bool   // only lines with something wrong
	line   int    // only this line; 0 for all
	asJSON bool
}

func layoutExplainCommand(s *settings) *cobra.Command {
	var e explanation
	cmd := &cobra.Command{
		Use:   "explain FORMAT FILE",
		Short: "Take a file apart: each field of each row, where it stands, raw, decoded, and what is wrong (逐栏解释文件)",
		Long: `Take a file apart: each field of each row with its offset in bytes from the beginning of the file (of a workbook its cell),
the bytes as they stand, the decoded text, our value, and what is wrong. Personal fields are shown in full, for whoever has the
file has them anyhow: do not pass the output on. At the end stands whether the hub would take the file.
Exit code 3 when something is wrong.

逐行逐栏解释文件：字节偏移、原始字节、解码文字、我方取值和错误。个人信息原样显示，请勿外传。末尾说明本文件能否被接收。`,
		Example: `  onecard partner layout explain ours.toml BANK_ACCTRET_20261121_000017.txt
  onecard partner layout explain ours.toml renamed.txt --name BANK_ACCTRET_20261121_000017.txt --wrong
  onecard partner layout explain township-report sheet.xlsx --line 7 -o json`,
		Args: named("FORMAT", "FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			e.asJSON = s.json()
			l, err := openLayout(args[0])
			if err != nil {
				return err
			}
			return e.run(cmd.OutOrStdout(), cmd.ErrOrStderr(), l, args[1])
		},
	}
	cmd.Flags().StringVar(&e.name, "name", "", "the name under which the file was sent, when it has another one now")
	cmd.Flags().BoolVar(&e.wrong, "wrong", false, "only lines with something wrong")
	cmd.Flags().IntVar(&e.line, "line", 0, "only this line")
	formatFlag(cmd, s)
	return cmd
}

// verdict is whether the hub would take the file.
type verdict struct {
	Accepted bool   `json:"accepted"`
	Rows     int    `json:"rows"`
	Refused  int    `json:"refused"` // rows refused alone
	Reason   string `json:"reason,omitempty"`
	Why      string `json:"why,omitempty"`
}

func (e explanation) run(w, notice io.Writer, l *layout.Layout, path string) error {
	f, err := e.identity(l, path)
	if err != nil {
		return err
	}
	v, err := judgeFile(l, f, path)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(notice, "personal fields are shown in full: do not pass this on (以下含个人信息，请勿外传)")
	file, err := os.Open(path) //nolint:gosec // the user names the file
	if err != nil {
		return fmt.Errorf("explain %s: %w", path, err)
	}
	defer file.Close() //nolint:errcheck // read only
	if e.asJSON {
		err = e.writeJSON(w, layout.Explain(file, l, f), v)
	} else {
		err = e.writeText(w, layout.Explain(file, l, f), v)
	}
	if err == nil && (!v.Accepted || v.Refused > 0) {
		return card.E(card.Invalid, "explain "+path, card.Reason(v.Reason), errFaults)
	}
	return err
}

// identity is the file's name as it was sent. A file of another name is taken for a sample of today.
func (e explanation) identity(l *layout.Layout, path string) (card.File, error) {
	if e.name != "" {
		return card.ParseFileName(e.name)
	}
	if f, err := card.ParseFileName(filepath.Base(path)); err == nil {
		return f, nil
	}
	return sampleIdentity(l, time.Now()), nil
}

// judgeFile reads the file as the hub would.
func judgeFile(l *layout.Layout, f card.File, path string) (verdict, error) {
	var v verdict
	open := func() (io.ReadCloser, error) { return os.Open(path) } //nolint:gosec // the user names the file
	for _, err := range layout.Read(open, l, layout.Expected{File: f}, func(r *layout.Row) (int, error) { return r.Ref, nil }) {
		if card.IsRefusedRow(err) {
			v.Refused, v.Reason = v.Refused+1, string(card.ReasonOf(err))
			continue
		}
		if card.KindOf(err) == card.Invalid {
			v.Reason, v.Why = string(card.ReasonOf(err)), err.Error()
			return v, nil
		}
		if err != nil {
			return v, err
		}
		v.Rows++
	}
	v.Accepted = true
	return v, nil
}

func (e explanation) shows(line layout.Line) bool {
	return (!e.wrong || !line.Right()) && (e.line == 0 || e.line == line.Number)
}

// writeJSON writes the lines one by one: files can be large.
func (e explanation) writeJSON(w io.Writer, lines iter.Seq2[layout.Line, error], v verdict) error {
	if _, err := io.WriteString(w, "{\"lines\": ["); err != nil {
		return err
	}
	between := "\n"
	for line, err := range lines {
		if card.KindOf(err) == card.Invalid { // the verdict says why nothing follows
			break
		}
		if err != nil {
			return err
		}
		if !e.shows(line) {
			continue
		}
		if _, err := io.WriteString(w, between); err != nil {
			return err
		}
		if err := writeJSON(w, line); err != nil {
			return err
		}
		between = ","
	}
	if _, err := io.WriteString(w, "], \"verdict\": "); err != nil {
		return err
	}
	if err := writeJSON(w, v); err != nil {
		return err
	}
	_, err := io.WriteString(w, "}\n")
	return err
}

func (e explanation) writeText(w io.Writer, lines iter.Seq2[layout.Line, error], v verdict) error {
	for line, err := range lines {
		if card.KindOf(err) == card.Invalid { // the verdict says why nothing follows
			break
		}
		if err != nil {
			return err
		}
		if !e.shows(line) {
			continue
		}
		if err := writeLine(w, line); err != nil {
			return err
		}
	}
	if v.Accepted {
		_, err := fmt.Fprintf(w, "the hub would take this file (可以接收): %d rows (行), %d refused alone (单独拒收)\n", v.Rows, v.Refused)
		return err
	}
	text := card.Reason(v.Reason).Text()
	_, err := fmt.Fprintf(w, "the hub would refuse this file (不能接收): %s\n  %s\n  %s %s\n  %s %s\n", v.Reason, v.Why, text.ZH, text.MendZH, text.EN, text.MendEN)
	return err
}

func writeLine(w io.Writer, line layout.Line) error {
	head := fmt.Sprintf("line %d %s", line.Number, line.Record)
	if line.Ref > 0 {
		head += fmt.Sprintf(" ref %d", line.Ref)
	}
	if line.Wrong != "" {
		head += "  WRONG 有误: " + line.Wrong
	}
	if _, err := fmt.Fprintln(w, head); err != nil {
		return err
	}
	t := table{{"COLUMN 栏", "PLACE 位置", "NAME 名称", "TEXT 文字", "VALUE 取值", "RAW 原始字节", "WRONG 有误"}}
	for _, c := range line.Cells {
		t = append(t, []string{fmt.Sprint(c.Column), c.Place, c.Name, fmt.Sprintf("%q", c.Text), c.Value, c.Raw, c.Wrong})
	}
	return t.write(w)
}
