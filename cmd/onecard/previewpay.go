package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/postgres"
)

// payOutlook is what a subsidy rollout will need of the partners.
type payOutlook struct {
	BankFiles  int           `json:"bank_files"` // payment files, of the batches
	FilesOut   int           `json:"files_out"`
	FilesIn    int           `json:"files_in"`
	NoticeDays int           `json:"notice_days"`
	NoticeEnds time.Time     `json:"notice_ends"` // when it has not begun: if it is submitted now
	StartsBy   time.Time     `json:"starts_by"`   // when it is checked, the notice is over and the payer's money blocked
	Banks      []bankOutlook `json:"banks"`       // of which files have still to be answered
	Agreed     string        `json:"agreed_time"` // until the last answer about money, with what is waited for business hours
	FinishedBy time.Time     `json:"finished_by"` // when everybody takes all the time that was agreed and it is decided about without delay
}

// Files of a batch when nothing has to be asked again, and of a bank for the payer's money.
const (
	payFilesOfBatch = 3 // match, account states, payments
	payFilesOfBank  = 2 // block, release
)

func (h *hub) previewPayout(ctx context.Context, id card.RolloutID, asJSON bool, w io.Writer) error {
	p, err := h.ledger.PreviewPayout(ctx, id)
	if err != nil {
		return err
	}
	plan, err := h.ledger.Batches(ctx, id)
	if err != nil {
		return err
	}
	expected := h.payOutlook(p, plan, time.Now())
	if asJSON {
		return writeJSON(w, struct {
			postgres.PayPreview
			Outlook payOutlook `json:"outlook"`
		}{p, expected})
	}
	return printPayPreview(w, p, expected)
}

// payOutlook counts the files, and says when they leave.
func (h *hub) payOutlook(p postgres.PayPreview, plan []card.PlannedBatch, now time.Time) payOutlook {
	banks := map[string]bool{}
	for _, b := range p.Batches {
		banks[b.Bank] = true
	}
	n := payFilesOfBatch*len(p.Batches) + payFilesOfBank*len(banks)
	o := payOutlook{BankFiles: len(p.Batches), FilesOut: n, FilesIn: n, NoticeDays: p.Payout.NoticeDays, NoticeEnds: wholeSeconds(noticeEnds(p.Payout, now))}
	start := h.startsBy(p, now)
	ended := map[string]bool{}
	for _, b := range p.Batches {
		ended[b.ID] = b.FinishedAt != nil
	}
	s := sendings{plan: plan, terms: h.payTerms()}
	files := s.expect(start, func(b card.BatchID) bool { return ended[b.String()] })
	o.Banks = s.banks(files)
	last := now
	for _, b := range o.Banks {
		last = latest(last, b.FinishedBy)
	}
	o.StartsBy, o.FinishedBy, o.Agreed = wholeSeconds(start), wholeSeconds(last), last.Sub(now).Round(time.Second).String()
	return o
}

// startsBy is when the first payment file may leave: after the checks, the public notice, and the blocks of the payer's money, for
// which all banks are asked together.
func (h *hub) startsBy(p postgres.PayPreview, now time.Time) time.Time {
	times := h.payTimes(p.Batches)
	at := noticeEnds(p.Payout, now)
	if !p.Payout.Checked {
		at = at.Add(times.checks)
	}
	at = latest(at, now)
	if p.StartedAt == nil {
		at = at.Add(times.block)
	}
	return at
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// payTimes is how long a subsidy takes with the partner that takes longest, when everybody takes all the time that was agreed.
type payTimes struct {
	checks  time.Duration
	block   time.Duration // of the payer's money, at all banks
	canary  time.Duration // 0: there is none
	deliver time.Duration // from the canary's end until the last payment file goes out
	answer  time.Duration // of one file
}

func (t payTimes) total() time.Duration { return t.checks + t.block + t.canary + t.deliver + t.answer }

// payTimes adds up the time of the bank that takes longest: its batches go out so many at once as was agreed, first to be checked,
// then to be paid; the canary is a turn of its own, and so is the payer's money. Business hours are not counted.
func (h *hub) payTimes(all []postgres.BatchView) (longest payTimes) {
	batches, canary := map[string]int{}, 0
	for _, b := range all {
		batches[b.Bank]++
		if b.Kind == card.CanaryBatch {
			canary = 1
		}
	}
	var civil, block time.Duration
	for _, x := range h.cfg.Partners {
		if x.Kind == config.Civil {
			civil = x.AnswerWithin
		}
	}
	for _, x := range h.cfg.Partners {
		if n := batches[x.Bank]; x.Kind == config.Bank && n > 0 {
			turns := (n + max(1, x.Concurrency) - 1) / max(1, x.Concurrency)
			block = max(block, x.AnswerWithin)
			t := payTimes{checks: time.Duration(turns) * (civil + x.AnswerWithin), canary: time.Duration(canary) * x.AnswerWithin,
				deliver: time.Duration(turns-1) * x.AnswerWithin, answer: x.AnswerWithin}
			if t.total() > longest.total() {
				longest = t
			}
		}
	}
	longest.block = block
	return longest
}

// noticeEnds is when the public notice ends; before the submission, when it would if that were now.
func noticeEnds(p *postgres.Payout, now time.Time) time.Time {
	if p.NoticeUntil != nil {
		return *p.NoticeUntil
	}
	return now.AddDate(0, 0, p.NoticeDays)
}

func wholeSeconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func printPayPreview(w io.Writer, p postgres.PayPreview, o payOutlook) error {
	c, m := p.Counts, p.Payout.Money
	_, _ = fmt.Fprintf(w, "%s  %s  %s\n  %s %s, %s, %s\n  %d rows 行 %s yuan 元 = accepted 接收 %d %s + refused 拒绝 %d %s\n\n", p.ID, p.Name, statusText(p.Status),
		p.Payout.Programme, p.Payout.ProgrammeZH, p.Payout.Period, p.Payout.Payer,
		c.Rows, card.FormatYuan(m.Intended.Fen), c.Accepted, card.FormatYuan(m.Intended.Fen-m.Refused.Fen), c.Refused, card.FormatYuan(m.Refused.Fen))
	t := table{{"city 城市", "bank 银行", "will be paid 将发放", "yuan 元", "held 暂缓", "yuan 元", "refused 拒绝", "yuan 元"}}
	for _, g := range p.Groups {
		t = append(t, append([]string{cityName(g.City), bankName(g.Bank)}, sums(g.WillPay, g.Held, g.Refused)...))
	}
	if err := t.write(w); err != nil {
		return err
	}
	if err := printPayReasons(w, p.Refusals); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(w, "\nbatches (批次): %d   bank files (银行发放文件): %d   files out (发出文件): %d   files in (收回文件): %d\n"+
		"days of notice (公示天数): %d, until (公示至) %s%s   first files by (最迟开始发放): %s\n",
		len(p.Batches), o.BankFiles, o.FilesOut, o.FilesIn, o.NoticeDays, clock(o.NoticeEnds), ifNow(p.Payout), clock(o.StartsBy))
	if err := printBankOutlooks(w, o.Banks); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "finished by (最迟完成): %s, when everybody takes all the agreed time, business hours counted (%s，已计入银行受理时间)\n"+
		"content to approve (待审批内容 SM3): %s   roles (审批角色): %v\n", clock(o.FinishedBy), o.Agreed, orNone(p.ContentHash), p.Payout.Roles)
	return err
}

// printBankOutlooks tells when each bank's files leave at the latest.
func printBankOutlooks(w io.Writer, banks []bankOutlook) error {
	if len(banks) == 0 {
		return nil
	}
	_, _ = fmt.Fprintln(w, "\npayment files (发放文件), at the latest (最迟)")
	t := table{{"bank 银行", "files 文件", "takes them 受理时间", "first leaves 首份发出", "last leaves 末份发出", "answers within 约定答复", "finished by 完成"}}
	for _, b := range banks {
		t = append(t, []string{bankName(b.Bank), strconv.Itoa(b.Files), cmp.Or(b.Hours, "at any time 不限"), clock(b.First), clock(b.Last), b.AnswerWithin, clock(b.FinishedBy)})
	}
	return t.write(w)
}

// ifNow marks a notice that has not begun.
func ifNow(p *postgres.Payout) string {
	if p.NoticeUntil != nil {
		return ""
	}
	return " if submitted now (如现在提交)"
}

func printPayReasons(w io.Writer, reasons []postgres.PayReasons) error {
	if len(reasons) == 0 {
		return nil
	}
	_, _ = fmt.Fprintln(w, "\nheld and refused by reason (暂缓与拒绝的原因; a row may have several)")
	all := len(reasons)
	reasons = foldReasons(reasons)
	_, _ = fmt.Fprint(w, foldedNote(len(reasons), all))
	t := table{{"code", "city 城市", "bank 银行", "held 暂缓", "yuan 元", "refused 拒绝", "yuan 元", "reason 原因"}}
	for _, r := range reasons {
		city, bank := "", ""
		if r.City != "" {
			city = cityName(r.City)
		}
		if r.Bank != "" {
			bank = bankName(r.Bank)
		}
		line := append([]string{string(r.Reason), city, bank}, sums(r.Held, r.Ended)...)
		t = append(t, append(line, r.Reason.Text().ZH+" "+r.Reason.Text().EN))
	}
	return t.write(w)
}

// sums writes rows and yuan, each in a cell.
func sums(all ...postgres.Sum) []string {
	var cells []string
	for _, s := range all {
		cells = append(cells, numbers(s.Rows)[0], card.FormatYuan(s.Fen))
	}
	return cells
}
