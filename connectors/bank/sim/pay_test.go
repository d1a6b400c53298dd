package sim

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	exchange "onecard/connectors/exchange/sim"
	"onecard/connectors/exchange/sim/simtest"
)

const (
	pan      = "6299990000000000012"
	payer    = "102880000000000001"
	rollout  = "R20261121-001"
	block1   = rollout + ".ICBC.B01"
	payReq   = "ICBC_PAYREQ_20261121_000001.txt"
	payRet   = "ICBC_PAYRET_20261121_000001.txt"
	payEnq   = "ICBC_PAYENQ_20261121_000001.txt"
	payEnr   = "ICBC_PAYENR_20261121_000001.txt"
	fundReq  = "ICBC_FUNDREQ_20261121_000001.txt"
	fundRet  = "ICBC_FUNDRET_20261121_000001.txt"
	nameText = "\xc5\xb7\xd1\xf4"
)

func number(row, version int) string { return fmt.Sprintf("%s.%07d.%d", rollout, row, version) }

// payRow is a row of a PAYREQ.
func payRow(row, version int, fen int64) string {
	return fmt.Sprintf("%d|%s|D00000128|%s|%s|%d|", row, number(row, version), pan, nameText, fen)
}

// open starts ICBC with these rules and a payer who has a million fen, of which so much is blocked.
func open(t *testing.T, rules string, blocked int64) (*simtest.Hub, *exchange.Partner) {
	t.Helper()
	h := simtest.New(t)
	b, err := New("ICBC", Payer{payer, 1_000_000})
	require.NoError(t, err)
	cfg := h.Config("ICBC", b)
	cfg.Rules = h.Rules(rules)
	p := h.Start(cfg)
	if blocked > 0 {
		h.SendMoney(fundReq, blocked, fmt.Sprintf("1|%s|B|%s|%d|", block1, payer, blocked))
		require.Equal(t, "00", h.Answer(p, fundRet)[0][2])
	}
	return h, p
}

func payRule(kind, rest string) string {
	return "[[rule]]\npartner=\"ICBC\"\nkind=\"" + kind + "\"\n" + rest + "\n"
}

// funds asks for the account and its block.
func funds(h *simtest.Hub, p *exchange.Partner) (balance, blocked string) {
	h.SendMoney("ICBC_FUNDREQ_20261121_000099.txt", 0, "1|Q1|Q|"+payer+"|0|"+block1)
	row := h.Answer(p, "ICBC_FUNDRET_20261121_000099.txt")[0]
	return row[3], row[4]
}

func TestPaying(t *testing.T) {
	t.Parallel()
	h, p := open(t, "", 1000)
	h.SendMoney(payReq, 700, payRow(3, 1, 400), payRow(7, 1, 300))
	rows := h.Answer(p, payRet)
	require.Len(t, rows, 2)
	require.Equal(t, []string{"3", number(3, 1), "D00000128", pan, "400", "00"}, rows[0][:6])
	require.Len(t, rows[0][6], 14)
	require.Equal(t, simtest.Line{
		Event: EventPaid, File: payReq, Ref: "7", Number: number(7, 1), CardNo: "D00000128", PAN: pan, Account: block1,
		Result: "00", Detail: "fen=300",
	}, lines(h, EventPaid)[1])
	balance, blocked := funds(h, p)
	require.Equal(t, []string{"999000", "300"}, []string{balance, blocked})
}

func lines(h *simtest.Hub, event string) []simtest.Line {
	var out []simtest.Line
	for _, l := range h.Ledger() {
		if l.Event == event {
			out = append(out, l)
		}
	}
	return out
}

// An instruction is paid once: in a file of its own, twice in one file, and after a restart.
func TestAnInstructionIsPaidOnce(t *testing.T) {
	t.Parallel()
	h := simtest.New(t)
	start := func() *exchange.Partner {
		p, err := exchange.Start(h.Config("ICBC", newBank(t)))
		require.NoError(t, err)
		return p
	}
	p := start()
	h.SendMoney(fundReq, 1000, "1|"+block1+"|B|"+payer+"|1000|")
	h.Answer(p, fundRet)
	again := strings.Replace(payRow(3, 1, 400), "3|", "4|", 1)
	h.SendMoney(payReq, 1300, payRow(3, 1, 400), again, payRow(5, 1, 500))
	rows := h.Answer(p, payRet)
	require.Equal(t, rows[0][1:], rows[1][1:])
	require.Equal(t, "00", rows[2][5])
	require.NoError(t, p.Close())

	p = start()
	h.SendMoney("ICBC_PAYREQ_20261121_000002.txt", 999, strings.Replace(payRow(3, 1, 999), pan, "6299990000000000038", 1))
	row := h.Answer(p, "ICBC_PAYRET_20261121_000002.txt")[0]
	require.Equal(t, rows[0], row, "with the account, the amount and the time of the first")
	require.Equal(t, 2, h.Events()[EventPaid])
	require.Equal(t, 2, h.Events()[EventPayRepeated])
	_, blocked := funds(h, p)
	require.Equal(t, "100", blocked)
	h.SendMoney("ICBC_PAYREQ_20261121_000003.txt", 100, payRow(3, 2, 100))
	require.Equal(t, "00", h.Answer(p, "ICBC_PAYRET_20261121_000003.txt")[0][5], "another version is another instruction")
	require.NoError(t, p.Close())
}

func TestRowsThatCannotBePaid(t *testing.T) {
	t.Parallel()
	h, p := open(t, "", 500)
	h.SendMoney(payReq, 1803,
		payRow(1, 1, 400),
		payRow(2, 1, 400), // more than is left
		payRow(3, 1, 0),
		strings.Replace(payRow(4, 1, 1), pan, "6299990000000000018", 1),
		strings.Replace(payRow(5, 1, 1), nameText, "?", 1),
		strings.Replace(payRow(6, 1, 1), rollout, "R20261121-002", 1),
		strings.Replace(payRow(7, 1, 900), number(7, 1), "nonsense", 1),
		payRow(8, 1, 100), // what is left
	)
	var results []string
	for _, r := range h.Answer(p, payRet) {
		results = append(results, r[5])
	}
	require.Equal(t, []string{"00", "AMOUNT_ERR", "AMOUNT_ERR", "ACCT_NOT_FOUND", "NAME_MISMATCH", "AMOUNT_ERR", "AMOUNT_ERR", "00"}, results)
	require.Equal(t, 2, h.Events()[EventPaid])
	require.Equal(t, 6, h.Events()[EventPayRefused])
	_, blocked := funds(h, p)
	require.Equal(t, "0", blocked)
}

func TestMoneyFilesThatAreWrong(t *testing.T) {
	t.Parallel()
	h, _ := open(t, "", 500)
	h.SendMoney(payReq, 401, payRow(1, 1, 400))
	require.Equal(t, "FILE_TOTAL", h.Refusal(payReq))
	h.SendMoney("ICBC_PAYREQ_20261121_000002.txt", 800, payRow(1, 1, 400), payRow(1, 1, 400))
	require.Equal(t, "FILE_REPEATED_ROW", h.Refusal("ICBC_PAYREQ_20261121_000002.txt"))
	h.SendMoney("ICBC_PAYREQ_20261121_000003.txt", 400, strings.Replace(payRow(1, 1, 400), "|400|", "|0400|", 1))
	require.Equal(t, "FILE_LAYOUT", h.Refusal("ICBC_PAYREQ_20261121_000003.txt"))
	h.SendMoney("ICBC_ACCTQRY_20261121_000001.txt", 1, "1|D00000128|"+pan+"|"+nameText)
	require.Equal(t, "FILE_TOTAL", h.Refusal("ICBC_ACCTQRY_20261121_000001.txt"))
	require.Zero(t, h.Events()[EventPaid], "nothing of a refused file is paid")
}

// What a refused file had begun is void: its good version is paid in full.
func TestARefusedFileLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	h, p := open(t, "", 500)
	h.SendMoney(payReq, 1, payRow(1, 1, 500))
	require.Equal(t, "FILE_TOTAL", h.Refusal(payReq))
	h.SendMoney("ICBC_PAYREQ_20261121_000002.txt", 500, payRow(1, 1, 500))
	require.Equal(t, "00", h.Answer(p, "ICBC_PAYRET_20261121_000002.txt")[0][5])
	require.Zero(t, h.Events()[EventPayRepeated])
}

func TestPayingByRules(t *testing.T) {
	t.Parallel()
	for _, code := range payCodes {
		h, p := open(t, payRule("PAYREQ", `do="refuse"`+"\ncode=\""+code+"\""), 500)
		h.SendMoney(payReq, 100, payRow(1, 1, 100))
		row := h.Answer(p, payRet)[0]
		require.Equal(t, code, row[5])
		require.NotEmpty(t, decode(t, row[7]))
		h.SendMoney(payEnq, 100, "1|"+number(1, 1)+"|D00000128|100")
		known := h.Answer(p, payEnr)[0]
		if code == resultTimeout {
			require.Equal(t, "00", known[5], "the bank finds out that it has paid")
			require.Equal(t, 1, h.Events()[EventPaid])
			continue
		}
		require.Equal(t, code, known[5])
		require.Zero(t, h.Events()[EventPaid])
	}
}

func TestLostAndOmittedRows(t *testing.T) {
	t.Parallel()
	h, p := open(t, payRule("PAYREQ", "do=\"lose\"\nshare=0.3")+payRule("PAYREQ", "do=\"omit\"\nshare=0.3"), 1000)
	const rows = 100
	var requests, questions []string
	for i := range rows {
		requests = append(requests, payRow(i+1, 1, 1))
		questions = append(questions, fmt.Sprintf("%d|%s|D00000128|1", i+1, number(i+1, 1)))
	}
	h.SendMoney(payReq, rows, requests...)
	answered := len(h.Answer(p, payRet))
	paid := h.Events()[EventPaid]
	require.Less(t, answered, paid)
	require.Less(t, paid, rows)
	h.SendMoney(payEnq, rows, questions...)
	known := map[string]int{}
	for _, r := range h.Answer(p, payEnr) {
		known[r[5]]++
		require.Equal(t, r[5] == "00", r[3] != "")
		require.Equal(t, r[5] == "00", r[6] != "")
	}
	require.Equal(t, map[string]int{"00": paid, "90": rows - paid}, known)
}

func TestWrongAmountsAndStrayRows(t *testing.T) {
	t.Parallel()
	h, p := open(t, payRule("PAYREQ", `do="misstate"`)+payRule("PAYREQ", `do="stray"`), 500)
	h.SendMoney(payReq, 300, payRow(4, 1, 100), payRow(9, 1, 200))
	rows := h.Answer(p, payRet) // its total is checked against the rows, wrong ones and strays too
	require.Len(t, rows, 4)
	require.Equal(t, "101", rows[0][4])
	require.Equal(t, "201", rows[1][4])
	require.Equal(t, []string{"10", "11"}, []string{rows[2][0], rows[3][0]}, "nobody asked about these")
	require.True(t, strings.HasPrefix(rows[2][1], rollout+".9"))
	require.NotEqual(t, rows[2][1], rows[3][1])
	require.Equal(t, 2, h.Events()[EventPaid])
	require.Equal(t, "fen=100", lines(h, EventPaid)[0].Detail, "in its books the bank is right")
}

// Two rules of one code tell the same returns twice; they may come before the answer.
func TestPaymentsThatComeBack(t *testing.T) {
	t.Parallel()
	back := "do=\"payback\"\ncode=\"ACCT_CLOSED\"\nshare=0.5"
	h, p := open(t, payRule("PAYREQ", back)+payRule("PAYREQ", back+"\nafter=\"1ms\"")+payRule("PAYREQ", "do=\"delay\"\nafter=\"200ms\""), 1000)
	var requests []string
	for i := range 100 {
		requests = append(requests, payRow(i+1, 1, 10))
	}
	h.SendMoney(payReq, 1000, requests...)
	h.Eventually("paid", func() bool { return h.Events()["processed"] == 2 })
	today := lines(h, "prepared")
	first, second := today[len(today)-2].File, today[len(today)-1].File
	require.True(t, strings.HasSuffix(first, "_000001.txt"), first)
	require.True(t, strings.HasSuffix(second, "_000002.txt"), second)
	told := h.Answer(p, first)
	require.NotEmpty(t, told)
	require.Less(t, len(told), 100)
	require.Equal(t, told, h.Answer(p, second))
	require.Equal(t, "ACCT_CLOSED", told[0][5])
	require.Len(t, told[0][6], 14)
	for _, r := range h.Answer(p, payRet) {
		require.Equal(t, "00", r[5])
	}
	require.Equal(t, 100, h.Events()[EventPaid])
	require.Equal(t, len(told), h.Events()[EventReturned])
	_, blocked := funds(h, p)
	require.Equal(t, strconv.Itoa(10*len(told)), blocked, "what came back can be paid out of the block again")
	h.SendMoney(payEnq, 10, "1|"+told[0][1]+"|D00000128|10")
	require.Equal(t, "ACCT_CLOSED", h.Answer(p, payEnr)[0][5])
}

// Whatever is sent, in whatever order and however often: what left the blocks is what the cards have, nobody has twice, and
// the ledger alone tells it all.
func TestMoneyIsKept(t *testing.T) {
	t.Parallel()
	h, p := open(t, payRule("PAYREQ", "do=\"refuse\"\ncode=\"TYPE_LIMIT\"\nshare=0.2")+
		payRule("PAYREQ", "do=\"payback\"\ncode=\"ACCT_CLOSED\"\nshare=0.2"), 0)
	const rounds = 12
	for n := range rounds {
		dice := rand.New(rand.NewPCG(7, uint64(n)))
		own := fmt.Sprintf("R20261122-%03d", n)
		fund := fmt.Sprintf("ICBC_FUNDREQ_20261122_%06d.txt", n+1)
		h.SendMoney(fund, 2000, "1|"+own+".B01|B|"+payer+"|1500|", "2|"+own+".B02|B|"+payer+"|500|")
		h.Answer(p, strings.Replace(fund, "REQ", "RET", 1))
		for file := range 3 {
			var rows []string
			var total int64
			for ref := range 1 + dice.IntN(30) {
				fen := dice.Int64N(200)
				instruction := fmt.Sprintf("%s.%07d.1", own, 1+dice.IntN(40))
				rows = append(rows, strings.Replace(payRow(ref+1, 1, fen), number(ref+1, 1), instruction, 1))
				total += fen
			}
			h.SendMoney(fmt.Sprintf("ICBC_PAYREQ_20261122_%06d.txt", 3*n+file+1), total, rows...)
		}
	}
	for n := range 3 * rounds {
		h.Answer(p, fmt.Sprintf("ICBC_PAYRET_20261122_%06d.txt", n+1))
	}
	out, again := credited(t, h.Ledger())
	for order, k := range again.kept.blocks {
		require.GreaterOrEqual(t, k.left, int64(0))
		rollout, _, _ := strings.Cut(order, ".")
		out[rollout] += k.left
	}
	for rollout, fen := range out {
		require.Equal(t, int64(2000), fen, rollout)
	}
	require.Equal(t, int64(1_000_000-2000*rounds), again.kept.accounts[payer])
}

// credited sums up by rollout what cards have by a ledger, in which no instruction may be paid twice, and plays it again.
func credited(t *testing.T, ledger []simtest.Line) (map[string]int64, *till) {
	t.Helper()
	b, err := New("ICBC", Payer{payer, 1_000_000})
	require.NoError(t, err)
	paid, out := map[string]bool{}, map[string]int64{}
	for _, l := range ledger {
		b.Replay(&exchange.Entry{
			Event: []byte(l.Event), Number: []byte(l.Number), Account: []byte(l.Account), PAN: []byte(l.PAN), Result: []byte(l.Result), Detail: []byte(l.Detail),
		})
		rollout, _, _ := strings.Cut(l.Number, ".")
		switch l.Event {
		case EventPaid:
			require.False(t, paid[l.Number], l.Number)
			paid[l.Number] = true
			out[rollout] += fenIn([]byte(l.Detail))
		case EventReturned:
			out[rollout] -= fenIn([]byte(l.Detail))
		}
	}
	return out, b.till
}

// A file that is later than the answer that it never came pays nothing: the hub may have paid by another instruction.
func TestWhatNeverCameIsNotPaidLater(t *testing.T) {
	t.Parallel()
	h := simtest.New(t)
	start := func() *exchange.Partner {
		p, err := exchange.Start(h.Config("ICBC", newBank(t)))
		require.NoError(t, err)
		return p
	}
	p := start()
	h.SendMoney(fundReq, 1000, "1|"+block1+"|B|"+payer+"|1000|")
	h.Answer(p, fundRet)
	h.SendMoney(payEnq, 400, "3|"+number(3, 1)+"|D00000128|400")
	require.Equal(t, "90", h.Answer(p, payEnr)[0][5])
	require.NoError(t, p.Close())

	p = start()
	h.SendMoney(payReq, 800, payRow(3, 1, 400), strings.Replace(payRow(3, 2, 400), "3|", "4|", 1))
	rows := h.Answer(p, payRet)
	require.Equal(t, []string{"DUPLICATE", "00"}, []string{rows[0][5], rows[1][5]})
	require.Equal(t, 1, h.Events()[EventPaid])
	require.NoError(t, p.Close())
}
