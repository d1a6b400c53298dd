package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/layout"
	"onecard/connectors/postgres"
)

func layoutCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "layout",
		Short: "Look after the layouts of partners' files (文件版式)",
		Long: `Look after the layouts of partners' files. A layout is a format in TOML: columns, widths or delimiter, encoding, header and
trailer, codes, dates, amounts. FORMAT is a .toml file, or the name of a format that ships. A partner's own formats are named
under layouts in its part of the configuration.

文件版式用 TOML 声明：栏目、宽度或分隔符、编码、首行尾行、代码对照、日期和金额。FORMAT 是 .toml 文件，或随程序提供的版式名。
合作单位自己的版式写在配置中该单位的 layouts 里。`,
		Example: `  onecard partner layout list
  onecard partner layout show rural-acctreq -o ours.toml     begin with a format that is nearly right
  onecard partner layout check ours.toml
  onecard partner layout sample ours.toml -n 100 -o sample.txt
  onecard partner layout explain ours.toml sample.txt`,
	}
	cmd.AddCommand(layoutListCommand(s), layoutShowCommand(), layoutCheckCommand(s), layoutSampleCommand(), layoutExplainCommand(s))
	return cmd
}

func layoutListCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "The formats that ship (随程序提供的版式)",
		Example: "  onecard partner layout list\n  onecard partner layout list -o json", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return listLayouts(cmd.OutOrStdout(), s.json()) },
	}
	formatFlag(cmd, s)
	return cmd
}

// shippedLayout is one line of the list.
type shippedLayout struct {
	Name   string `json:"name"`
	Layout string `json:"layout"`
	Form   string `json:"form"`
	Title  string `json:"title"`
}

func listLayouts(w io.Writer, asJSON bool) error {
	var list []shippedLayout
	t := table{{"NAME 名称", "LAYOUT 版式", "FORM 形式", "TITLE 说明"}}
	for _, name := range layout.Shipped() {
		l, err := layout.Open(name)
		if err != nil {
			return err
		}
		list = append(list, shippedLayout{name, l.Name(), l.Form(), l.Title})
		t = append(t, []string{name, l.Name(), l.Form(), l.Title})
	}
	if asJSON {
		return writeJSON(w, list)
	}
	return t.write(w)
}

func layoutShowCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use: "show NAME", Short: "Print a format that ships, to begin one's own with (显示版式原文)",
		Example: "  onecard partner layout show bureau-cardreq\n  onecard partner layout show bureau-cardreq -o ours.toml", Args: named("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := layout.Source(args[0])
			if err != nil {
				return err
			}
			return writeTo(cmd, out, func(w io.Writer) error {
				_, err := io.WriteString(w, text)
				return err
			})
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write; standard output when empty")
	return cmd
}

// writeTo writes to a file, or to standard output when none is named.
func writeTo(cmd *cobra.Command, out string, write func(io.Writer) error) error {
	if out == "" {
		return write(cmd.OutOrStdout())
	}
	return writeFile(out, write)
}

// named demands the arguments of these names.
func named(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != len(names) {
			return fmt.Errorf("%w: %s", errUse, strings.Join(names, " "))
		}
		return nil
	}
}

// openLayout opens FORMAT; a bare file name counts as a file when there is one.
func openLayout(format string) (*layout.Layout, error) {
	if _, err := os.Stat(format); err == nil && !strings.ContainsRune(format, filepath.Separator) {
		format = "." + string(filepath.Separator) + format
	}
	return layout.Open(format)
}

func layoutCheckCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use: "check FORMAT", Short: "Say what is wrong with a format, each fault with its line; of a good one, what it is (检查版式)",
		Example: "  onecard partner layout check ours.toml\n  onecard partner layout check rural-acctreq -o json", Args: named("FORMAT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := openLayout(args[0])
			if err != nil {
				return err
			}
			return describeLayout(cmd.OutOrStdout(), l, s.json())
		},
	}
	formatFlag(cmd, s)
	return cmd
}

func describeLayout(w io.Writer, l *layout.Layout, asJSON bool) error {
	if asJSON {
		return writeJSON(w, map[string]any{"name": l.Format, "layout": l.Name(), "title": l.Title, "form": l.Form(), "columns": l.Outline(), "notes": l.Notes()})
	}
	if _, err := fmt.Fprintf(w, "%s is right (版式正确): %s\n%s · %s\n", l.Format, l.Title, l.Name(), l.Form()); err != nil {
		return err
	}
	if err := outline(l).write(w); err != nil {
		return err
	}
	for _, note := range l.Notes() {
		if _, err := fmt.Fprintln(w, "note 注意: "+note); err != nil {
			return err
		}
	}
	return nil
}

// outline lists the columns of a layout; bytes are told where widths are fixed.
func outline(l *layout.Layout) table {
	t := table{{"RECORD 记录", "COLUMN 栏", "BYTES 字节", "NAME 名称", "HOLDS 内容"}}
	for _, p := range l.Outline() {
		bytes := ""
		if p.Width > 0 {
			bytes = fmt.Sprintf("%d-%d", p.From, p.From+p.Width-1)
		}
		t = append(t, []string{fmt.Sprintf("%s %d", p.Record, p.Line), fmt.Sprint(p.Number), bytes, p.Name, p.Holds})
	}
	return t
}

func layoutSampleCommand() *cobra.Command {
	var rows int
	var out string
	cmd := &cobra.Command{
		Use: "sample FORMAT", Short: "Write a file of invented people in the format, to be given to the partner (样例文件)",
		Example: "  onecard partner layout sample ours.toml -n 100 -o sample.txt\n  onecard partner layout sample township-report -o sample.xlsx", Args: named("FORMAT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := openLayout(args[0])
			if err != nil {
				return err
			}
			if out == "" && l.IsWorkbook() {
				return fmt.Errorf("%w: a workbook needs -o FILE (工作簿请用 -o 指定文件)", errUse)
			}
			return writeTo(cmd, out, func(w io.Writer) error {
				_, _, err := layout.WriteSample(w, l, sampleIdentity(l, time.Now()), rows)
				return err
			})
		},
	}
	cmd.Flags().IntVarP(&rows, "rows", "n", 10, "rows")
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write; standard output when empty")
	return cmd
}

// sampleIdentity is the file that a sample pretends to be.
func sampleIdentity(l *layout.Layout, day time.Time) card.File {
	return card.File{Partner: "SAMPLE", Kind: l.Message.Kind, Date: day.In(postgres.Shanghai).Format("20060102"), Seq: 1}
}

// errFaults says that a file was explained and that something is wrong with it.
var errFaults = errors.New("something is wrong with the file (文件有误)")
