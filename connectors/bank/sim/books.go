package sim

import (
	"bytes"
	"strconv"
	"time"

	exchange "onecard/connectors/exchange/sim"
)

// Payer is an account from which subsidies are paid.
type Payer struct {
	Account string // at most 32 digits
	Fen     int64  // what was in it before the first order
}

// DefaultFen is what the payer's account of a bank holds at first when nobody has said so: ten thousand million yuan.
const DefaultFen = 1_000_000_000_000

// block is money that an order has set aside.
type block struct {
	account  string
	left     int64
	released bool
}

// credit is what the bank has done about one instruction: all that an answer needs, small enough for millions of them.
type credit struct {
	pan    uint64 // 16 to 19 digits; 0 for one that was none
	fen    int64
	at     uint32 // seconds since 1970
	result uint8  // index in payResults: what is true of it now
}

// fund is what became of an order on a payer's account.
type fund struct {
	result string
	block  string // that it made or spoke of
}

// books are what a bank knows of money.
type books struct {
	accounts map[string]int64 // available, by payer's account
	blocks   map[string]block // by order
	orders   map[string]fund  // by order
	credits  map[uint64]credit
}

func newBooks() books {
	return books{map[string]int64{}, map[string]block{}, map[string]fund{}, map[uint64]credit{}}
}

func (b *books) empty() {
	clear(b.accounts)
	clear(b.blocks)
	clear(b.orders)
	clear(b.credits)
}

// till is a bank's money. What a request changes is written in draft, over what is kept; it is kept once the ledger says so.
type till struct {
	kept, draft books
	drawn       map[string][]string // orders of blocks by the rollout that they are for, in their order
	rollouts    map[string]uint64   // a small number for each
	day         []byte              // the last time that the ledger told,
	at          uint32              // and the second that it is
	drafting    bool
	deposits    string // file of what was paid in; empty: nothing ever is
	taken       int    // lines of it that are in the accounts
}

func newTill(payers []Payer) *till {
	t := &till{kept: newBooks(), draft: newBooks(), drawn: map[string][]string{}, rollouts: map[string]uint64{}}
	for _, p := range payers {
		t.kept.accounts[p.Account] = p.Fen
	}
	return t
}

// begin forgets what a request before wanted to change.
func (t *till) begin() {
	t.settle()
	t.drafting = true
}

// settle ends the draft: from now on the ledger tells what is kept.
func (t *till) settle() {
	if t.drafting {
		t.draft.empty()
		t.drafting = false
	}
}

func (t *till) balance(account string) (fen int64, ok bool) {
	if fen, ok = t.draft.accounts[account]; ok {
		return fen, true
	}
	fen, ok = t.kept.accounts[account]
	return fen, ok
}

func (t *till) block(order string) (block, bool) {
	if b, ok := t.draft.blocks[order]; ok {
		return b, true
	}
	b, ok := t.kept.blocks[order]
	return b, ok
}

func (t *till) order(order string) (fund, bool) {
	if f, ok := t.draft.orders[order]; ok {
		return f, true
	}
	f, ok := t.kept.orders[order]
	return f, ok
}

func (t *till) credit(key uint64) (credit, bool) {
	if c, ok := t.draft.credits[key]; ok {
		return c, true
	}
	c, ok := t.kept.credits[key]
	return c, ok
}

// cover is the first open block of a rollout that holds so much.
func (t *till) cover(rollout []byte, fen int64) (order string, ok bool) {
	for _, order := range t.drawn[string(rollout)] {
		if b, _ := t.block(order); !b.released && b.left >= fen {
			return order, true
		}
	}
	return "", false
}

// draw takes money out of a block, or with a negative amount puts back what has returned: into the block, or when that is
// released, into the payer's account.
func (t *till) draw(in *books, order string, fen int64) {
	b, _ := t.block(order)
	if b.released {
		balance, _ := t.balance(b.account)
		in.accounts[b.account] = balance - fen
		return
	}
	b.left -= fen
	in.blocks[order] = b
}

// set blocks money for the rollout that the order's number begins with.
func (t *till) set(in *books, order, account string, fen int64) {
	balance, _ := t.balance(account)
	in.accounts[account] = balance - fen
	in.blocks[order] = block{account: account, left: fen}
	in.orders[order] = fund{resultDone, order}
}

// release gives back what a block still holds, and says how much that was.
func (t *till) release(in *books, order, name string) int64 {
	b, _ := t.block(name)
	balance, _ := t.balance(b.account)
	left := b.left
	in.accounts[b.account] = balance + left
	in.blocks[name] = block{account: b.account, released: true}
	in.orders[order] = fund{resultDone, name}
	return left
}

// instruction takes a number apart: its rollout, and a key that no other number has.
func (t *till) instruction(number []byte) (rollout []byte, key uint64, ok bool) {
	rollout, rest, found := bytes.Cut(number, []byte("."))
	row, version, found2 := bytes.Cut(rest, []byte("."))
	n, err := strconv.ParseUint(string(row), 10, 24)
	v, err2 := strconv.ParseUint(string(version), 10, 16)
	if !found || !found2 || len(rollout) == 0 || len(row) != 7 || err != nil || err2 != nil || version[0] == '0' {
		return nil, 0, false
	}
	known, seen := t.rollouts[string(rollout)]
	if !seen {
		known = uint64(len(t.rollouts) + 1)
		t.rollouts[string(rollout)] = known
	}
	return rollout, known<<40 | n<<16 | v, true
}

// second is the time of a ledger line; lines of one request share theirs.
func (t *till) second(text []byte) uint32 {
	if !bytes.Equal(text, t.day) {
		at, _ := time.Parse("2006-01-02T15:04:05.000Z07:00", string(text))
		t.day, t.at = bytes.Clone(text), uint32(at.Unix()) //nolint:gosec // good until 2106
	}
	return t.at
}

// moment writes a time as it stands in files.
func moment(second uint32) []byte {
	return []byte(time.Unix(int64(second), 0).In(exchange.Beijing()).Format("20060102150405"))
}
