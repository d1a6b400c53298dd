package sim_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/connectors/exchange/sim"
	"onecard/connectors/exchange/sim/simtest"
)

const receiptName = "ICBC_RECEIPT_20261121_000001.txt"

// receiptText builds a receipt about a file.
func receiptText(t *testing.T, answered string, rows ...string) (sim.FileName, []byte) {
	t.Helper()
	n := simtest.Name(t, receiptName)
	text := fmt.Sprintf("H|RECEIPT|1|%s|%s|%s\n", n, n.Date, answered)
	for i, r := range rows {
		text += fmt.Sprintf("D|%d|%s\n", i+1, r)
	}
	return n, fmt.Appendf(nil, "%sT|%d|0\n", text, len(rows))
}

// received returns the ledger's lines about receipts.
func received(h *simtest.Hub) (lines []simtest.Line) {
	for _, l := range h.Ledger() {
		if l.Event == sim.EventReceipt || l.Event == sim.EventReceiptRow {
			lines = append(lines, l)
		}
	}
	return lines
}

func TestReceiptsAreTakenIntoTheLedger(t *testing.T) {
	t.Parallel()
	const answered = "ICBC_REPORT_20261121_000003.txt"
	h := simtest.New(t)
	h.Start(h.Config("ICBC", &echo{}))
	n, text := receiptText(t, answered, "F|01|||||||||zh|in part", "R|02|FILE_OTHER_CARD|7|8|3|card_no|another|the sent one||zh|card")
	h.Put(n, text, 2)
	shelved := filepath.Join(h.Dir, "root", "inbox", "done", receiptName)
	h.Eventually("shelved", func() bool { _, err := os.Stat(shelved); return err == nil })
	lines := received(h)
	require.Len(t, lines, 2)
	require.Equal(t, "7", lines[0].Ref)
	require.Equal(t, "FILE_OTHER_CARD", lines[0].Result)
	require.Equal(t, answered, lines[1].File)
	require.Equal(t, "01", lines[1].Result)
	require.Contains(t, lines[1].Detail, "receipt="+receiptName)
}

func TestReceiptsAreTakenOnce(t *testing.T) {
	t.Parallel()
	h := simtest.New(t)
	p, err := sim.Start(h.Config("ICBC", &echo{}))
	require.NoError(t, err)
	n, text := receiptText(t, "", "F|02|FILE_NAME|||||||||name")
	h.Put(n, text, 1)
	h.Eventually("taken", func() bool { return len(received(h)) == 1 })
	require.NoError(t, p.Close())
	h.Start(h.Config("ICBC", &echo{}))
	h.Put(n, text, 1)
	h.Eventually("repeated", func() bool { return h.Events()["repeat"] == 1 })
	require.Len(t, received(h), 1)
}

func TestBadReceiptsAreRefused(t *testing.T) {
	t.Parallel()
	for _, rows := range [][]string{nil, {"R|02|X||||||||z|e"}, {"F|00"}} {
		h := simtest.New(t)
		h.Start(h.Config("ICBC", &echo{}))
		n, text := receiptText(t, "", rows...)
		h.Put(n, text, len(rows))
		require.Equal(t, "FILE_LAYOUT", h.Refusal(receiptName))
		require.Empty(t, received(h))
	}
}
