package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const header = "time,event,file,ref,number,card_no,pan,account,result,detail\n"

// book writes a bank's ledger.
func book(t *testing.T, dir, bank, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, bank), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, bank, "ledger.csv"), []byte(header+text), 0o600))
}

func TestPaid(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	book(t, dir, "ICBC", ",paid,F1,1,R1.0000001.1,,,,00,fen=10\n,paid,F1,2,R1.0000002.1,,,,00,fen=20\n,returned,F1,2,R1.0000002.1,,,,ACCT_CLOSED,fen=20\n"+
		",pay_refused,F1,3,R1.0000003.1,,,,DUPLICATE,fen=5\n,opened,F2,1,4401,,,,00,\n")
	book(t, dir, "ABC", ",paid,F9,2,R1.0000002.2,,,,00,fen=20\n,paid,F9,1,R2.0000001.1,,,,00,fen=7\n")
	var out bytes.Buffer
	require.Zero(t, run([]string{"paid", "--dir", dir, "-o", "json"}, &out, &out), out.String())
	var found findings
	require.NoError(t, json.Unmarshal(out.Bytes(), &found))
	require.Equal(t, findings{Sums: []paidSum{
		{Bank: "ABC", Rollout: "R1", Paid: 1, PaidFen: 20, NetFen: 20},
		{Bank: "ICBC", Rollout: "R1", Paid: 2, PaidFen: 30, Returned: 1, ReturnedFen: 20, NetFen: 10},
		{Bank: "ABC", Rollout: "R2", Paid: 1, PaidFen: 7, NetFen: 7},
	}, Twice: []duplicate{}}, found)

	out.Reset()
	require.Zero(t, run([]string{"paid", "--dir", dir, "--rollout", "R2"}, &out, &out))
	require.NotContains(t, out.String(), "R1")
	require.Contains(t, out.String(), "nobody paid twice")
}

// The same row, by another version of its instruction and at another bank.
func TestPaidTwice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	book(t, dir, "ICBC", ",paid,F1,1,R1.0000001.1,,,,00,fen=10\n")
	book(t, dir, "ABC", ",paid,F9,1,R1.0000001.2,,,,00,fen=10\n")
	var out bytes.Buffer
	require.Equal(t, 3, run([]string{"paid", "--dir", dir}, &out, &out))
	require.Contains(t, out.String(), "paid twice: R1.0000001 in [F9 row 1 F1 row 1]")
	require.Equal(t, 2, run([]string{"paid"}, &out, &out))
	require.Equal(t, 2, run([]string{"paid", "--dir", dir, "-o", "xml"}, &out, &out))
}
