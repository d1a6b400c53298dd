package sim

import (
	"crypto/cipher"
	"fmt"
	"strconv"

	"github.com/emmansun/gmsm/sm4"
	"golang.org/x/text/encoding/simplifiedchinese"

	exchange "onecard/connectors/exchange/sim"
)

// Events in a bureau's ledger.
const (
	EventMade   = "made"
	EventFailed = "failed"
)

// Fields of a production request: ref, card_no, number, name, pan, face version, outlet, EF05, EF06.
const (
	cardNo = iota + 1
	number
	name
	pan
	face
	outlet
	ef05
	ef06
	cardFields
)

// Results.
const (
	done        = "00"
	dataRefused = "M03"
)

// faceVersion is the only card face that this bureau is approved to print.
const faceVersion = "F3-2026.1"

// Bureau is the business of a card bureau.
type Bureau struct {
	key     cipher.Block
	reasons map[string][]byte
	chip    chip
	line    []byte
	block   [16]byte
	mac     [16]byte
}

// New returns a bureau's business.
func New() (*Bureau, error) {
	key, err := sm4.NewCipher(testKey())
	if err != nil {
		return nil, fmt.Errorf("bureau key: %w", err)
	}
	b := &Bureau{key: key, reasons: map[string][]byte{}}
	for code, text := range map[string]string{"M01": "芯片故障", "M02": "印刷故障", dataRefused: "数据不符", "M09": "其他原因"} {
		if b.reasons[code], err = simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text)); err != nil {
			return nil, fmt.Errorf("reason %s: %w", code, err)
		}
	}
	return b, nil
}

// Desks is the one desk that takes production files.
func (b *Bureau) Desks() []exchange.Desk {
	return []exchange.Desk{{
		Kind: "CARDREQ", Fields: cardFields, Person: number, Answer: "CARDRET", Codes: []string{"M01", "M02", dataRefused, "M09"},
		Row: b.produce,
	}}
}

// Replay has nothing to remember: serial numbers are kept by the exchange.
func (b *Bureau) Replay(*exchange.Entry) {}

// produce answers ref, card_no, ident_code, atr_history, position, result, reason.
func (b *Bureau) produce(r exchange.Row, a *exchange.Answer) {
	code, fault := a.Code(), b.chip.examine(r)
	if fault != "" {
		code = dataRefused
	}
	e := exchange.Entry{Event: []byte(EventMade), Number: r[number], CardNo: r[cardNo], PAN: r[pan]}
	if code != "" {
		e.Event, e.Result, e.Detail = []byte(EventFailed), []byte(code), []byte(fault)
		a.Record(e)
		a.Reply(r[cardNo], nil, nil, nil, []byte(code), b.reasons[code])
		return
	}
	serial := a.Serial()
	b.line = b.appendIdent(b.line[:0], b.chip.area, serial)
	ident := len(b.line)
	b.line = appendATR(b.line, b.chip.area, serial)
	atr := len(b.line)
	b.line = appendPosition(b.line, serial)
	e.Result, e.Detail = []byte(done), b.line[:ident]
	a.Record(e)
	a.Reply(r[cardNo], b.line[:ident], b.line[ident:atr], b.line[atr:], []byte(done), nil)
}

// Shelves: a slot holds one card.
const (
	slots = 250
	boxes = 9999
	bins  = 99
)

// appendPosition appends Bin-Box-Slot, e.g. 03-0017-042; cards lie in the order in which they were made.
func appendPosition(p []byte, serial int64) []byte {
	n := serial - 1
	p = appendDigits(p, n/(slots*boxes)%bins+1, 2)
	p = appendDigits(append(p, '-'), n/slots%boxes+1, 4)
	return appendDigits(append(p, '-'), n%slots+1, 3)
}

func appendDigits(p []byte, n int64, width int) []byte {
	var space [20]byte
	digits := strconv.AppendInt(space[:0], n, 10)
	for range width - len(digits) {
		p = append(p, '0')
	}
	return append(p, digits...)
}
