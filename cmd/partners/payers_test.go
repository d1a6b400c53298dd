package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	payee     = "D00000128|6299990000000000012|A"
	rollout   = "R20261121-001"
	accountNo = "102000000000000077"
	purse     = "[[account]]\npartner = \"ICBC\"\naccount = \"" + accountNo + "\"\nfen = 10000000\n"
)

// rules writes the rules file that the program was given.
func (w *town) rules(text string) {
	w.t.Helper()
	require.NoError(w.t, os.WriteFile(w.args[9], []byte(text), 0o600))
}

func (w *town) sum(event string) tally {
	w.t.Helper()
	var out bytes.Buffer
	code := run([]string{"ledger", "ICBC", "--dir", w.dir, "--event", event, "--duplicates", "-o", "json"}, &out, &out)
	require.Zero(w.t, code, out.String())
	var sum tally
	require.NoError(w.t, json.Unmarshal(out.Bytes(), &sum))
	return sum
}

func TestPayersOfARulesFile(t *testing.T) {
	t.Parallel()
	w := newTown(t, "ICBC,ABC,CIVIL")
	w.rules(purse)
	cmd := w.start()
	cards := w.list()
	require.Equal(t, []string{accountNo}, cards["ICBC"].PayerAccounts)
	require.Equal(t, []string{"103880000000000001"}, cards["ABC"].PayerAccounts)
	require.Empty(t, cards["CIVIL"].PayerAccounts)
	w.at("ICBC").SendMoney("ICBC_FUNDREQ_20261121_000001.txt", 10_000_001, "1|"+rollout+".ICBC.B01|B|"+accountNo+"|10000001|")
	require.Equal(t, []string{"F01", "10000000"}, w.hub.Answer(shown(cards["ICBC"].Card), "ICBC_FUNDRET_20261121_000001.txt")[0][2:4])
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Wait())
	for _, bad := range []string{"[[account]]\npartner = \"ICBC\"\nfen = 1\n", "[[account]]\npartner = \"ICBC\"\naccount = \"1A\"\nfen = 1\n", "[[account]]\npartner = \"ICBC\"\naccount = \"1\"\nfen = -1\n"} {
		w.rules(bad)
		var out bytes.Buffer
		require.Equal(t, 1, run(w.args, &out, &out), bad)
	}
}

// TestKilledWhilePaying kills the bank in the middle of its work until all is done: the same instructions come in two files
// each, and each is credited once, to the fen.
func TestKilledWhilePaying(t *testing.T) {
	t.Parallel()
	const files, rows, fen = 3, 5_000, 15
	w := newTown(t, "ICBC")
	w.rules(purse)
	hub := w.at("ICBC")
	hub.SendMoney("ICBC_FUNDREQ_20261121_000001.txt", files*rows*fen, fmt.Sprintf("1|%s.ICBC.B01|B|%s|%d|", rollout, accountNo, files*rows*fen))
	cmd := w.start()
	hub.Wait("ICBC_FUNDRET_20261121_000001.txt.ok")
	for f := range 2 * files {
		lines := make([]string, rows)
		for i := range lines {
			lines[i] = fmt.Sprintf("%d|%s.%07d.1|%s|%d|", i+1, rollout, f%files*rows+i+1, payee, fen)
		}
		hub.SendMoney(fmt.Sprintf("ICBC_PAYREQ_20261121_%06d.txt", f+1), rows*fen, lines...)
	}
	for range 10 {
		// The moment of the kill is what the test is about; no result depends on how long this is.
		time.Sleep(time.Duration(rand.IntN(40_000)) * time.Microsecond)
		require.NoError(t, cmd.Process.Kill())
		require.Error(t, cmd.Wait())
		cmd = w.start()
	}
	card := shown(w.list()["ICBC"].Card)
	for f := range 2 * files {
		answers := hub.Answer(card, fmt.Sprintf("ICBC_PAYRET_20261121_%06d.txt", f+1))
		require.Len(t, answers, rows)
		for _, a := range answers {
			require.Equal(t, "00", a[5])
		}
	}
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Wait())
	paid := w.sum("paid")
	require.Equal(t, map[string]int64{"paid": files * rows}, paid.Events)
	require.Equal(t, map[string]int64{"paid 00": files * rows * fen}, paid.Fen)
	require.Empty(t, paid.Duplicates)
	require.Equal(t, int64(files*rows), w.sum("pay_repeated").Events["pay_repeated"])
}

// TestDeposit pays into the account of a bank's payer, and refuses what is no bank.
func TestDeposit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "ICBC"), 0o700))
	for _, tc := range []struct {
		args string
		says string
	}{
		{"--partner ICBC --fen 5", ""}, {"--partner ICBC --account 4406 --fen 5", ""}, {"--partner ICBC --fen 0", "fen above 0"}, {"--partner CIVIL --fen 5", "a bank"},
	} {
		cmd := depositCommand()
		cmd.SetArgs(append(strings.Fields(tc.args), "--dir", dir))
		cmd.SetOut(io.Discard)
		cmd.SetErr(io.Discard)
		err := cmd.Execute()
		require.Equal(t, tc.says == "", err == nil, tc.args)
		if err != nil {
			require.ErrorContains(t, err, tc.says)
		}
	}
	text, err := os.ReadFile(depositsOf(dir, "ICBC"))
	require.NoError(t, err)
	require.Equal(t, "102880000000000001,5\n4406,5\n", string(text))
}
