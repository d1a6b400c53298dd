package sim

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// KindReceipt is the kind of the hub's answers to files that it collected. Every partner takes them.
const KindReceipt = "RECEIPT"

// Events about receipts in a ledger: of a row that the hub refused, and then of the file as a whole.
const (
	EventReceiptRow = "receipt_row"
	EventReceipt    = "receipt"
)

// Fields of a receipt's rows after the D: number, scope, result, code, row, line, column, name, found, expected, sm3, zh, en.
const (
	receiptScope = iota + 1
	receiptResult
	receiptCode
	receiptRow
	receiptFields = 13
)

// receive takes a receipt into the ledger, all of it at once, and puts it away.
func (p *Partner) receive(m Manifest, in io.ReadSeeker, plain Manifest) error {
	var book []Entry
	refused := 0
	err := readFile(in, plain, shape{fields: receiptFields}, func(r Row) error {
		e := Entry{Event: []byte(EventReceiptRow), Ref: bytes.Clone(r[receiptRow]), Result: bytes.Clone(r[receiptCode])}
		switch scope := string(r[receiptScope]); {
		case scope == "F" && len(book) == 0:
			e = Entry{Event: []byte(EventReceipt), Result: bytes.Clone(r[receiptResult]), Detail: bytes.Clone(r[receiptCode])}
		case scope == "R" && len(book) > 0:
			refused++
		default:
			return &Refusal{Code: "FILE_LAYOUT", Detail: "scope of a receipt's row"}
		}
		book = append(book, e)
		return nil
	})
	if err != nil {
		return err
	}
	if len(book) == 0 {
		return &Refusal{Code: "FILE_LAYOUT", Detail: "a receipt without a row"}
	}
	return p.keepReceipt(m, in, book, refused)
}

func (p *Partner) keepReceipt(m Manifest, in io.ReadSeeker, book []Entry, refused int) error {
	answered, err := answeredBy(in)
	if err != nil {
		return err
	}
	now := stampOf(p.cfg.Clock())
	for i := range book {
		book[i].Time, book[i].File = now, []byte(answered)
	}
	// The line about the file comes last: with it the receipt counts as taken.
	whole := book[0]
	whole.Detail = fmt.Appendf(nil, "receipt=%s sm3=%s refused=%d code=%s", m.Name, m.SM3, refused, whole.Detail)
	if err := p.ledger.add(append(book[1:], whole)...); err != nil {
		return err
	}
	p.taken[m.Name.String()] = m.SM3
	p.cfg.Log.Info("receipt", "partner", p.cfg.Name, "file", answered, "result", string(whole.Result))
	return p.shelve(m.Name.String())
}

// answeredBy returns the file that the first line names as answered; readFile has checked that line.
func answeredBy(in io.ReadSeeker) (string, error) {
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimSuffix(line, "\n")
	return line[strings.LastIndexByte(line, '|')+1:], nil
}

// replayReceipt learns from the ledger that a receipt was taken.
func (p *Partner) replayReceipt(e *Entry) error {
	var name, sm3 string
	if _, err := fmt.Sscanf(string(e.Detail), "receipt=%s sm3=%s", &name, &sm3); err != nil {
		return errors.Join(errors.New("ledger: a receipt without its name"), err)
	}
	p.taken[name] = sm3
	return nil
}
