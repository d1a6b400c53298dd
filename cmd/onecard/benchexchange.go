package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/exchange"
	"onecard/connectors/layout"
)

// layoutGoal is the rows a second that text layouts are to be written and parsed at, on one core.
const layoutGoal = 200_000

// benchChunk is how many sample rows are made up before they are written: making them up does not count.
const benchChunk = 10_000

func benchExchangeCommand(s *settings) *cobra.Command {
	b := benchExchange{}
	cmd := &cobra.Command{
		Use:   "exchange --rows N",
		Short: "Write, publish, collect and parse N rows in every layout, and say how fast",
		Long: `Write a file of N invented people in every layout, publish it to a simulated partner over SFTP with proof, collect it from
there, parse it, print rows per second of each, and leave nothing behind. Writing and parsing are also given per second of
processor time: that is the figure of one core, whatever else the machine does. The gate holds when every row came back.

每种版式写出、发布、收取、解析 N 行样例，给出每秒行数；写出和解析另按处理器时间计，即单核速度。`,
		Example: "  onecard bench exchange --rows 100000\n  onecard bench exchange --rows 20000 --layouts rural-acctreq,bureau-cardreq -o json",
		Args:    cobra.NoArgs,
		RunE: measuring(s, func(ctx context.Context, log io.Writer) (figures, error) {
			b.log = log
			return b.run(ctx)
		}),
	}
	cmd.Flags().IntVar(&b.rows, "rows", 100_000, "rows of each file")
	cmd.Flags().StringSliceVar(&b.layouts, "layouts", nil, "formats, by name or file; all that ship, workbooks apart, when empty")
	formatFlag(cmd, s)
	return cmd
}

// benchExchange is one measurement of the file exchange.
type benchExchange struct {
	rows    int
	layouts []string
	log     io.Writer
}

// benchExchangeResult is what `bench exchange -o json` prints.
type benchExchangeResult struct {
	Rows    int           `json:"rows"`
	Goal    int           `json:"goal_rows_per_second"`
	Layouts []layoutSpeed `json:"layouts"`
	PeakMiB int           `json:"peak_rss_mib"`
	Gate    exchangeGate  `json:"gate"`
	Machine machine       `json:"machine"`
}

// exchangeGate compares the rows that were written with those that came back.
type exchangeGate struct {
	Written int  `json:"written"`
	Parsed  int  `json:"parsed"`
	OK      bool `json:"ok"`
}

// layoutSpeed is how fast files of one layout were.
type layoutSpeed struct {
	Format  string `json:"format"`
	Layout  string `json:"layout"`
	Form    string `json:"form"`
	Bytes   int64  `json:"bytes"`
	Write   pace   `json:"write"`
	Publish pace   `json:"publish"`
	Collect pace   `json:"collect"`
	Parse   pace   `json:"parse"`
	Text    bool   `json:"text"` // the goal is for text
	Goal    bool   `json:"goal"` // writing and parsing reached it on one core

	written, parsed int
}

// pace is how long one phase took, and how many rows that makes.
type pace struct {
	Seconds       float64 `json:"seconds"`
	CPUSeconds    float64 `json:"cpu_seconds,omitempty"`
	RowsPerSecond int     `json:"rows_per_second"`
	RowsPerCPU    int     `json:"rows_per_cpu_second,omitempty"`
}

func (b *benchExchange) run(ctx context.Context) (r benchExchangeResult, err error) {
	names := b.layouts
	if len(names) == 0 {
		names = layout.Shipped()
	}
	layouts, err := openAll(names, len(b.layouts) == 0)
	if err != nil {
		return r, err
	}
	dir, err := os.MkdirTemp("", "onecard-bench-")
	if err != nil {
		return r, fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	p, err := startBenchPartner(ctx, dir)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	return b.measure(ctx, layouts, p.endpoint, filepath.Join(dir, "archive"))
}

// openAll opens layouts; workbooks, which are for people, are left out when nobody asked for them.
func openAll(names []string, textOnly bool) ([]*layout.Layout, error) {
	var layouts []*layout.Layout
	for _, name := range names {
		l, err := openLayout(name)
		if err != nil {
			return nil, err
		}
		if !textOnly || !l.IsWorkbook() {
			layouts = append(layouts, l)
		}
	}
	return layouts, nil
}

// measure takes every layout through all phases. What was published is collected from where it was put, with the manifest
// that the hub signed itself: two exchanges, each with an archive of its own, face one server.
func (b *benchExchange) measure(ctx context.Context, layouts []*layout.Layout, e exchange.Endpoint, archive string) (r benchExchangeResult, err error) {
	r = benchExchangeResult{Rows: b.rows, Goal: layoutGoal, Gate: exchangeGate{OK: true}, Machine: thisMachine()}
	back := e
	back.Outbox = "inbox"
	out := exchange.Open(exchange.Config{Archive: filepath.Join(archive, "sent"), Endpoints: []exchange.Endpoint{e}, MaxBytes: 64 << 30})
	in := exchange.Open(exchange.Config{Archive: filepath.Join(archive, "back"), Endpoints: []exchange.Endpoint{back}, MaxBytes: 64 << 30})
	defer func() { err = errors.Join(err, out.Close(), in.Close()) }()
	for i, l := range layouts {
		_, _ = fmt.Fprintf(b.log, "%s: %d rows (行)\n", l.Format, b.rows)
		m := measurement{layout: l, rows: b.rows, file: card.File{Partner: e.Partner, Kind: l.Message.Kind, Date: "20261121", Seq: i + 1}}
		if err := m.run(ctx, out, in); err != nil {
			return r, fmt.Errorf("%s: %w", l.Format, err)
		}
		r.Layouts = append(r.Layouts, m.speed)
		r.Gate.Written += m.speed.written
		r.Gate.Parsed += m.speed.parsed
		r.Gate.OK = r.Gate.OK && m.speed.written == b.rows && m.speed.parsed == b.rows
	}
	r.PeakMiB = kib("/proc/self/status", "VmHWM") / 1024
	return r, nil
}

// measurement is one layout on its way.
type measurement struct {
	layout *layout.Layout
	file   card.File
	rows   int
	speed  layoutSpeed
}

func (m *measurement) run(ctx context.Context, out, in *exchange.Exchange) error {
	m.speed = layoutSpeed{Format: m.layout.Format, Layout: m.layout.Name(), Form: m.layout.Form(), Text: !m.layout.IsWorkbook()}
	if err := m.write(); err != nil {
		return err
	}
	if err := m.publish(ctx, out); err != nil {
		return err
	}
	got, err := m.collect(ctx, in)
	if err != nil {
		return err
	}
	if err := m.parse(got); err != nil {
		return err
	}
	m.speed.Goal = m.speed.Text && m.speed.Write.RowsPerCPU >= layoutGoal && m.speed.Parse.RowsPerCPU >= layoutGoal
	return nil
}

// write writes the rows to nowhere, chunk by chunk.
func (m *measurement) write() error {
	var watch stopwatch
	w := layout.NewWriter(io.Discard, m.layout, m.file)
	chunk := make([][]string, 0, benchChunk)
	flush := func(last int) error {
		return watch.time(func() error {
			for i, values := range chunk {
				if err := w.Row(last-len(chunk)+i+1, values...); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err := layout.Sample(m.layout, m.file, m.rows, func(ref int, values []string) error {
		chunk = append(chunk, slices.Clone(values))
		if len(chunk) < benchChunk && ref < m.rows {
			return nil
		}
		err := flush(ref)
		chunk = chunk[:0]
		return err
	})
	if err != nil {
		return err
	}
	err = watch.time(func() (err error) { m.speed.written, _, err = w.Close(); return err })
	m.speed.Write = watch.pace(m.rows)
	return err
}

// publish has the file made and brought to the partner; making it counts, as it does in the hub.
func (m *measurement) publish(ctx context.Context, x *exchange.Exchange) error {
	var watch stopwatch
	err := watch.time(func() error {
		proof, err := x.Publish(ctx, m.file, m.layout.Name(), func(w io.Writer) (exchange.Totals, error) {
			rows, fen, err := layout.WriteSample(w, m.layout, m.file, m.rows)
			return exchange.Totals{Rows: rows, Fen: fen}, err
		})
		m.speed.Bytes = proof.Size
		return err
	})
	m.speed.Publish = watch.wall(m.rows)
	return err
}

// collect fetches the file. The partner moves what it takes to done/, and may do so in the middle of it: then it is fetched
// anew, and only the attempt counts that fetched it.
func (m *measurement) collect(ctx context.Context, x *exchange.Exchange) (got *exchange.Received, err error) {
	for range 20 {
		var watch stopwatch
		err = watch.time(func() (err error) { got, err = x.Collect(ctx, m.file); return err })
		m.speed.Collect = watch.wall(m.rows)
		if kind := card.KindOf(err); kind != card.Later && kind != card.Unavailable {
			break
		}
	}
	return got, err
}

func (m *measurement) parse(got *exchange.Received) error {
	var watch stopwatch
	want := layout.Expected{File: m.file, Manifest: got.Declared()}
	err := watch.time(func() error {
		for _, err := range layout.Read(got.Open, m.layout, want, func(r *layout.Row) (int, error) { return r.Ref, nil }) {
			if err != nil {
				return err
			}
			m.speed.parsed++
		}
		return nil
	})
	m.speed.Parse = watch.pace(m.rows)
	return err
}

func (r benchExchangeResult) fault() error {
	return counts(r.Gate.OK, "not every row came back (有行丢失)")
}

func (r benchExchangeResult) write(w io.Writer) error {
	t := table{{"FORMAT 版式", "BYTES 字节", "WRITE/CPU s", "PARSE/CPU s", "WRITE/s", "PUBLISH/s", "COLLECT/s", "PARSE/s", "GOAL 达标"}}
	for _, l := range r.Layouts {
		goal := yesNo(l.Goal)
		if !l.Text {
			goal = "—"
		}
		t = append(t, append(append([]string{l.Format}, numbers(int(l.Bytes), l.Write.RowsPerCPU, l.Parse.RowsPerCPU,
			l.Write.RowsPerSecond, l.Publish.RowsPerSecond, l.Collect.RowsPerSecond, l.Parse.RowsPerSecond)...), goal))
	}
	if err := t.write(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "rows of each file (每个文件行数): %d · peak (内存峰值): %d MiB · all rows came back (无丢失): %s · %d cores, %s\n",
		r.Rows, r.PeakMiB, yesNo(r.Gate.OK), r.Machine.Cores, runtime.Version())
	return err
}
