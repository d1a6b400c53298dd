package drill_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

// receiptsLost has no receipt come through to civil affairs.
const receiptsLost = `[[rule]]
partner = "CIVIL"
kind = "RECEIPT"
do = "drop"
times = 1000000
`

// TestKilledBeforeTheReceipt kills the worker after a file was applied and before its receipt was sent: afterwards exactly one
// receipt lies at the partner, and each row was applied once.
func TestKilledBeforeTheReceipt(t *testing.T) {
	b := enter(t).lodger(t, "ICBC")
	b.rules(receiptsLost)
	b.start()
	id := b.run(b.sample(300, "--banks", "102"))
	var answer string
	b.eventually("the answer is applied", func() bool {
		files := b.files("--kind", "MATCHRET", "--state", "processed")
		if len(files) > 0 {
			answer = files[0].Name
		}
		return answer != ""
	})
	for range 2 {
		b.kill("worker", syscall.SIGKILL)
		shown := b.file(answer)
		require.Len(t, shown.Verdicts, 1)
		require.Nil(t, shown.Verdicts[0].ReceiptAt, "it is owed")
	}
	require.Empty(t, b.receiptsOf("CIVIL", answer))
	b.rules("")
	b.await(id, card.RolloutDone)
	b.requireComplete(id, "ICBC")
	b.eventually("the receipt has come", func() bool { return b.file(answer).Stage == "acknowledged" })
	b.eventually("civil affairs has read it", func() bool { return len(b.receiptsOf("CIVIL", answer)) > 0 })
	require.Equal(t, []string{"00"}, b.receiptsOf("CIVIL", answer))
	require.Equal(t, 1, b.receiptFiles("CIVIL", answer))
	requireEachRowOnce(b, answer)
}

// receiptFiles counts the files at a partner that answer a file of its.
func (b *hub) receiptFiles(partner, answered string) (n int) {
	b.Helper()
	for _, folder := range []string{"inbox", filepath.Join("inbox", "done")} {
		found, err := filepath.Glob(b.partner(partner, "root", folder, partner+"_RECEIPT_*.txt*"))
		require.NoError(b, err)
		for _, path := range found {
			text, err := os.ReadFile(path)
			require.NoError(b, err)
			head, _, _ := strings.Cut(string(text), "\n")
			if strings.HasSuffix(head, "|"+answered) {
				n++
			}
		}
	}
	return n
}

// requireEachRowOnce checks that a match was applied to each card once.
func requireEachRowOnce(b *hub, answer string) {
	b.Helper()
	n, ok := b.count(`
		select count(*) from rollout_event where what = $1 and args ->> 'file' = $2`, postgres.EventFileProcessed, answer)
	require.True(b, ok)
	require.Equal(b, 1, n, "the file was applied once")
	twice, ok := b.count(`select count(*) from (select card_no, what from card_event group by card_no, what having count(*) > 1) doubled`)
	require.True(b, ok)
	require.Zero(b, twice, "nothing happened to a card twice")
}
