package sim

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/connectors/exchange/sim/simtest"
)

func TestFunds(t *testing.T) {
	t.Parallel()
	h, p := open(t, "", 0)
	h.SendMoney(fundReq, 2_300_001,
		"1|"+block1+"|B|"+payer+"|300000|",
		"2|"+block1+"|B|"+payer+"|300000|",            // again: no second block
		"3|"+rollout+".ICBC.B02|B|"+payer+"|1000000|", // more than is left
		"4|"+rollout+".ICBC.B03|B|4406|1|",            // no such account
		"5|Q1|Q|"+payer+"|0|",                         // the balance alone
		"6|Q2|Q|"+payer+"|0|"+block1,                  // and the block
		"7|Q3|Q|"+payer+"|0|"+rollout+".ICBC.B02",     // which was refused
		"8|"+rollout+".ICBC.B04|B|"+payer+"|700000|X", // a block that speaks of another
		"9|R1|R|"+payer+"|0|"+block1,                  // release
		"10|R2|R|"+payer+"|0|"+block1,                 // nothing is left to release
		"11|R3|R|"+payer+"|0|"+rollout+".ICBC.B09",    // never blocked
		"12|"+block1+"|B|"+payer+"|0|",                // the first order again, after the release
		"13|X1|X|"+payer+"|0|",                        // no such action
	)
	rows := h.Answer(p, fundRet)
	var told [][]string
	for _, r := range rows {
		told = append(told, r[2:5])
	}
	require.Equal(t, [][]string{
		{"00", "700000", "300000"}, {"00", "700000", "300000"}, {"F01", "700000", "0"}, {"F02", "0", "0"},
		{"00", "700000", "0"}, {"00", "700000", "300000"}, {"F03", "700000", "0"}, {"F09", "700000", "0"},
		{"00", "1000000", "0"}, {"00", "1000000", "0"}, {"F03", "1000000", "0"}, {"00", "1000000", "0"}, {"F09", "1000000", "0"},
	}, told)
	require.Equal(t, 1, h.Events()[EventBlocked])
	require.Equal(t, 2, h.Events()[EventReleased])
	require.Equal(t, 2, h.Events()[EventFundQueried])
	require.Equal(t, 6, h.Events()[EventFundRefused])
	require.Equal(t, simtest.Line{
		Event: EventReleased, File: fundReq, Ref: "9", Number: "R1", Account: payer, Result: "00", Detail: "fen=300000 block=" + block1,
	}, lines(h, EventReleased)[0])
}

func TestMoneyThatComesBackAfterTheRelease(t *testing.T) {
	t.Parallel()
	h, p := open(t, "", 500)
	h.SendMoney("ICBC_FUNDREQ_20261121_000002.txt", 0, "1|R1|R|"+payer+"|0|"+block1)
	h.Answer(p, "ICBC_FUNDRET_20261121_000002.txt")
	h.SendMoney(payReq, 100, payRow(1, 1, 100))
	require.Equal(t, "AMOUNT_ERR", h.Answer(p, payRet)[0][5], "nothing is blocked any more")

	b := newBank(t)
	b.till.set(&b.till.kept, block1, payer, 500)
	b.till.draw(&b.till.kept, block1, 200)
	require.Equal(t, int64(300), b.till.release(&b.till.kept, "R1", block1))
	b.till.draw(&b.till.kept, block1, -200)
	require.Equal(t, int64(DefaultFen), b.till.kept.accounts[PayerAccount("ICBC")])
}

// TestDeposits blocks out of what was paid in since; a bank that starts again has all of it.
func TestDeposits(t *testing.T) {
	t.Parallel()
	h := simtest.New(t)
	path := filepath.Join(t.TempDir(), "deposits.csv")
	bank := func() *Bank {
		b, err := New("ICBC", Payer{payer, 100})
		require.NoError(t, err)
		b.DepositsAt(path)
		return b
	}
	p := h.Start(h.Config("ICBC", bank()))
	h.SendMoney(fundReq, 300, "1|"+block1+"|B|"+payer+"|300|")
	require.Equal(t, []string{"F01", "100", "0"}, h.Answer(p, fundRet)[0][2:5])
	require.NoError(t, Deposit(path, "9999", 7)) // no account of this bank
	require.NoError(t, Deposit(path, payer, 200))
	h.SendMoney("ICBC_FUNDREQ_20261121_000002.txt", 300, "1|"+rollout+".ICBC.B02|B|"+payer+"|300|")
	require.Equal(t, []string{"00", "0", "300"}, h.Answer(p, "ICBC_FUNDRET_20261121_000002.txt")[0][2:5])
	again := bank()
	again.till.takeDeposits()
	again.till.takeDeposits()
	require.Equal(t, map[string]int64{payer: 300}, again.till.kept.accounts)
	require.Error(t, Deposit(path, "x", 1))
	require.Error(t, Deposit(path, payer, 0))
}

func TestFundsByRules(t *testing.T) {
	t.Parallel()
	h, p := open(t, payRule("FUNDREQ", "do=\"refuse\"\ncode=\"F01\"\ntimes=1"), 0)
	h.SendMoney(fundReq, 5, "1|"+block1+"|B|"+payer+"|5|")
	require.Equal(t, "F01", h.Answer(p, fundRet)[0][2])
	h.SendMoney("ICBC_FUNDREQ_20261121_000002.txt", 10, "1|"+block1+"|B|"+payer+"|5|", "2|"+rollout+".ICBC.B02|B|"+payer+"|5|")
	rows := h.Answer(p, "ICBC_FUNDRET_20261121_000002.txt")
	require.Equal(t, "F01", rows[0][2], "the answer to an order does not change")
	require.Equal(t, "00", rows[1][2])
}

func TestStates(t *testing.T) {
	t.Parallel()
	h, p := open(t, "", 0)
	h.Send(request, "7|"+person)
	opened := h.Answer(p, returned)[0][2]
	h.Send("ICBC_ACCTQRY_20261121_000001.txt",
		"1|D00000128|"+opened+"|"+nameText, "2|D00000128|"+pan+"|"+nameText, "3|D00000128|6299990000000000018|"+nameText, "4|D00000128|"+pan+"|?")
	rows := h.Answer(p, "ICBC_ACCTSTA_20261121_000001.txt")
	require.Equal(t, []string{"1", "D00000128", "00", "0", ""}, rows[0])
	require.Equal(t, []string{"2", "D00000128", "00", "1", ""}, rows[1])
	require.Equal(t, []string{"Q02", ""}, rows[2][2:4])
	require.Equal(t, []string{"Q01", ""}, rows[3][2:4])
	h.Send("ICBC_ACTREQ_20261121_000001.txt", "7|D00000128|"+opened)
	h.Answer(p, "ICBC_ACTRET_20261121_000001.txt")
	h.Send("ICBC_ACCTQRY_20261121_000002.txt", "1|D00000128|"+opened+"|"+nameText)
	require.Equal(t, "1", h.Answer(p, "ICBC_ACCTSTA_20261121_000002.txt")[0][3])
}

func TestStatesByRules(t *testing.T) {
	t.Parallel()
	for code, want := range map[string][]string{"S9": {"00", "9"}, "S3": {"00", "3"}, "Q09": {"Q09", ""}} {
		h, p := open(t, payRule("ACCTQRY", "do=\"refuse\"\ncode=\""+code+"\""), 0)
		h.Send("ICBC_ACCTQRY_20261121_000001.txt", "1|D00000128|"+pan+"|"+nameText)
		require.Equal(t, want, h.Answer(p, "ICBC_ACCTSTA_20261121_000001.txt")[0][2:4])
	}
}

func TestThePayerOfEveryBankHasItsOwnAccount(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for name := range prefixes {
		require.Regexp(t, `^[0-9]{18}$`, PayerAccount(name))
		require.False(t, seen[PayerAccount(name)])
		seen[PayerAccount(name)] = true
	}
}
