// Package receipt tells partners what became of their files: a RECEIPT file for each file that the hub has judged, with one
// row about the file as a whole and one for each row that was refused. It holds no personal data.
package receipt

import (
	"context"
	"iter"
	"strconv"
	"strings"

	"onecard/card"
	"onecard/connectors/exchange/desk"
	"onecard/connectors/layout"
)

// Client sends receipts to all partners; a file names its partner.
type Client struct {
	Exchange desk.Publisher
	Layouts  map[string]layout.Set // of partners with layouts of their own
}

// SendReceipt sends a receipt. Its content follows from the verdict alone, so that sending it again is harmless; the errors
// are those of exchange.Publish.
func (c Client) SendReceipt(ctx context.Context, r card.OwedReceipt) (card.Proof, error) {
	l, err := c.Layouts[r.File.Partner].Of(card.Receipt)
	if err != nil {
		return card.Proof{}, err
	}
	answered := ""
	if r.Verdict.Names() {
		answered = r.Verdict.File.Name()
	}
	return desk.Publish(ctx, c.Exchange, r.File, l.Answering(answered), lines(r.Verdict), fields)
}

// line is one row of a receipt.
type line struct {
	number  int
	scope   string // F the file, R a row
	outcome card.Outcome
	found   card.Finding
	sm3     string
}

// The scopes of a receipt's rows.
const (
	wholeFile = "F"
	oneRow    = "R"
)

func lines(v card.Verdict) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		whole := v.Whole
		if whole.Found == "" {
			whole.Found = v.Called
		}
		if !yield(line{1, wholeFile, v.Outcome, whole, v.SM3}, nil) {
			return
		}
		for i, row := range v.Rows {
			if !yield(line{i + 2, oneRow, card.RefusedWhole, row, ""}, nil) {
				return
			}
		}
	}
}

// fields writes a line's fields in the order of the message.
func fields(l line, out []string) (int, []string, error) {
	f := l.found
	zh, en := words(l)
	return l.number, append(out, l.scope, string(l.outcome), string(f.Reason), digits(f.Ref), digits(f.Line), digits(f.Column),
		clean(f.Name, 64), clean(f.Found, 200), clean(f.Expected, 200), l.sm3, clean(zh, 300), clean(en, 600)), nil
}

func digits(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// words say in both languages what became of the file or row, why, and what to do.
func words(l line) (zh, en string) {
	switch l.outcome {
	case card.Accepted:
		zh, en = "文件已收取并入账。", "The file was taken and applied."
	case card.AcceptedInPart:
		zh, en = "文件已收取并入账，下列各行除外。", "The file was taken and applied, but for the rows below."
	case card.RefusedWhole:
	}
	if l.found.Reason == "" {
		return zh, en
	}
	text := l.found.Reason.Text()
	return zh + text.ZH + text.MendZH, strings.TrimSpace(en + " " + text.EN + " " + text.MendEN)
}

// clean makes s a text that every layout can carry: no separators or control characters, at most limit characters.
func clean(s string, limit int) string {
	text := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F || r >= 0x80 && r < 0xA0 {
			return ' '
		}
		if r == '|' {
			return '/'
		}
		return r
	}, s))
	return strings.TrimSpace(string(text[:min(len(text), limit)]))
}
