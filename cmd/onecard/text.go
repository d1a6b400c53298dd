package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
	"golang.org/x/text/width"

	"onecard/card"
	"onecard/connectors/postgres"
)

// table is lines of cells that are written in columns; the first line is the heading.
type table [][]string

// write writes the columns as wide as their widest cell, a Chinese character counting two.
func (t table) write(w io.Writer) error {
	var widths []int
	for _, line := range t {
		for i, cell := range line {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columns(cell))
		}
	}
	for _, line := range t {
		var b strings.Builder
		for i, cell := range line {
			b.WriteString("  " + cell)
			if i < len(line)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-columns(cell)))
			}
		}
		if _, err := fmt.Fprintln(w, b.String()); err != nil {
			return err
		}
	}
	return nil
}

// columns is how many columns of a terminal s takes.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n++
		if kind := width.LookupRune(r).Kind(); kind == width.EastAsianWide || kind == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}

func numbers(values ...int) []string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = strconv.Itoa(v)
	}
	return texts
}

func yesNo(yes bool) string {
	if yes {
		return "yes 是"
	}
	return "NO 否"
}

// clock writes a time as people here read it.
func clock(t time.Time) string { return t.In(postgres.Shanghai).Format("2006-01-02 15:04:05") }

func statusText(s card.RolloutStatus) string { return string(s) + " " + statusZH(s) }

func statusZH(s card.RolloutStatus) string {
	switch s {
	case card.RolloutDraft:
		return "草稿"
	case card.RolloutSubmitted:
		return "待审批"
	case card.RolloutApproved:
		return "已审批"
	case card.RolloutRunning:
		return "进行中"
	case card.RolloutPaused:
		return "已暂停"
	case card.RolloutStopped:
		return "已停止"
	case card.RolloutCancelled:
		return "已取消"
	case card.RolloutDone:
		return "已完成"
	}
	return ""
}

// progress shows how far a long work has come: on a terminal one line that changes, elsewhere nothing but results.
type progress struct {
	w        io.Writer
	terminal bool
	mu       sync.Mutex
	n        int
	shown    time.Time
	last     string
}

func progressTo(w io.Writer) *progress {
	f, ok := w.(*os.File)
	return &progress{w: w, terminal: ok && term.IsTerminal(int(f.Fd()))}
}

// count adds n to what has been done and shows it now and then.
func (p *progress) count(what string, n int) {
	p.mu.Lock()
	p.n += n
	due := p.terminal && p.n%1000 == 0 && time.Since(p.shown) > 200*time.Millisecond
	total := p.n
	p.mu.Unlock()
	if due {
		p.show(fmt.Sprintf("%d %s", total, what))
	}
}

// show replaces the line on a terminal.
func (p *progress) show(line string) {
	p.shown = time.Now()
	if p.terminal && line != p.last {
		_, _ = fmt.Fprintf(p.w, "\r\x1b[K%s", line)
	}
	p.last = line
}

// due shows a line on a terminal unless the last one is too fresh to be read.
func (p *progress) due(line func() string) {
	if p.terminal && time.Since(p.shown) > 200*time.Millisecond {
		p.show(line())
	}
}

// line writes a line that stays.
func (p *progress) line(format string, args ...any) {
	p.end()
	_, _ = fmt.Fprintf(p.w, format+"\n", args...)
}

// tellIfLong writes a line once what goes on has taken two seconds; done says that it is over.
func tellIfLong(w io.Writer, line string) (done func()) {
	t := time.AfterFunc(2*time.Second, func() { _, _ = fmt.Fprintln(w, line) })
	return func() { t.Stop() }
}

// end leaves the changing line.
func (p *progress) end() {
	if p.terminal && p.last != "" {
		_, _ = fmt.Fprintln(p.w)
	}
	p.last = ""
}
