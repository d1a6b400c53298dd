package conformance

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"onecard/card"
)

// spoilt is a bad file that the partner must refuse, and with which reasons.
type spoilt struct {
	code    string
	group   Group
	name    Words
	reasons []card.Reason
	only    func(*bench, *letter) bool // whether it can be made for this partner; nil for always
	spoil   func(*bench, *letter) error
}

func badChecks() []check {
	var all []check
	for i, s := range slices.Concat(badNames, badManifests, badTexts) {
		c := check{Result: Result{Code: s.code, Group: s.group, Name: s.name,
			Did:      Words{"向 test/inbox 放入" + s.name.ZH + "的文件，等候拒收通知", "put a file into test/inbox: " + s.name.EN + "; waited for its refusal"},
			Expected: Words{"拒收，原因 " + listed(s.reasons), "refused with " + listed(s.reasons)},
			Mend:     Words{"请拒收这样的文件：写 test/outbox/<名>.err，不处理其中任何一行。", "Refuse such a file: write test/outbox/<name>.err and act on none of its rows."},
		}}
		c.run = func(b *bench, ctx context.Context) verdict { return b.mustRefuse(ctx, i) }
		all = append(all, c)
	}
	return all
}

func listed(reasons []card.Reason) string {
	texts := make([]string, len(reasons))
	for i, r := range reasons {
		texts[i] = string(r)
	}
	return strings.Join(texts, " / ")
}

func reasons(r ...card.Reason) []card.Reason { return r }

// mustRefuse judges the n-th bad file; the first call sends all of them, so that a partner that looks once a minute is waited
// for once.
func (b *bench) mustRefuse(ctx context.Context, n int) verdict {
	all := slices.Concat(badNames, badManifests, badTexts)
	if b.cases == nil {
		b.cases = make([]*letter, len(all))
		for i, s := range all {
			b.cases[i] = b.spoilt(s)
		}
		b.deliver(ctx, b.cases)
		b.await(ctx, b.cases, b.answeredFor)
	}
	return judgeRefusal(b.cases[n], all[n].reasons)
}

// answeredFor says whether nothing more is to come for a bad file. A partner that logs in to us puts a file away when it fetches
// it, and looks at it later.
func (b *bench) answeredFor(x *letter) bool {
	return x.fate == refused || x.fate == acted || x.fate == gone && !b.atHome()
}

// spoilt makes the bad file; nil when it cannot be made for this partner.
func (b *bench) spoilt(s spoilt) *letter {
	x, err := b.fresh(sampleRows)
	if err != nil {
		return &letter{problem: err}
	}
	if s.only != nil && !s.only(b, x) {
		return nil
	}
	x.problem = s.spoil(b, x)
	return x
}

func judgeRefusal(x *letter, reasons []card.Reason) verdict {
	switch {
	case x == nil:
		return idle("对该单位的版式不适用", "cannot be made in this partner's layout")
	case x.problem != nil:
		return failed(Words{"文件未能送出：", "it could not be sent: "}, x.problem)
	case x.fate == waiting:
		return fail("等候期内没有拒收通知，文件仍在 inbox", "no refusal within the wait; the file still lies in the inbox")
	case x.fate == acted:
		return fail("没有拒收，而是给出了答复", "it was not refused but answered")
	case x.fate == gone:
		return fail("文件被取走，没有拒收通知", "it was taken without a refusal")
	}
	reason := noticeValue(x.notice, "reason")
	found := Words{"拒收，原因 " + reason, "refused with " + reason}
	return judged(slices.Contains(reasons, card.Reason(reason)), found, found)
}

func noticeValue(notice []byte, key string) string {
	for l := range strings.Lines(string(notice)) {
		if value, ok := strings.CutPrefix(l, key+"="); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// declares is for files whose manifest is what is wrong.
func declares(b *bench, _ *letter) bool { return !b.undeclared() }

// shows is for files that the partner gets to see: our gateway shows a partner its own files under names of the exchange only.
func shows(b *bench, x *letter) bool { return declares(b, x) && !b.atHome() }

// isText is for files whose text is what is wrong.
func isText(b *bench, _ *letter) bool { return !b.layout.IsWorkbook() }

// hasFrame is for what can be done only where the first and the last line are those of the standard layout, whatever stands
// between the fields.
func hasFrame(b *bench, x *letter) bool {
	return isText(b, x) && len(x.text) > 2 && x.text[0] == 'H' &&
		bytes.HasPrefix(x.text[2:], []byte(string(b.Request)+x.sep())) && bytes.HasPrefix(x.split()[x.rows+1], []byte("T"+x.sep()))
}

// hasDeclaredFrame is hasFrame where there are manifests as well.
func hasDeclaredFrame(b *bench, x *letter) bool { return declares(b, x) && hasFrame(b, x) }

func (x *letter) sep() string { return string(x.text[1:2]) }

// split cuts the text into its lines, each with its end.
func (x *letter) split() [][]byte {
	return bytes.SplitAfter(bytes.TrimSuffix(x.text, nil), []byte("\n"))
}

// line changes the n-th line of the text, counted from 0, and has the manifest follow.
func (x *letter) line(n int, change func(string) string) error {
	lines := x.split()
	if n >= len(lines) {
		return fmt.Errorf("the test file has no line %d", n+1)
	}
	lines[n] = []byte(change(string(lines[n])))
	x.retype(bytes.Join(lines, nil))
	return nil
}

// field changes the n-th field of the line-th line, counted from 0.
func (x *letter) field(line, n int, value string) error {
	return x.line(line, func(text string) string {
		fields := strings.Split(strings.TrimSuffix(text, "\n"), x.sep())
		fields[n] = value
		return strings.Join(fields, x.sep()) + "\n"
	})
}
