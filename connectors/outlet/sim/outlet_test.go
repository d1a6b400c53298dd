package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	exchange "onecard/connectors/exchange/sim"
	"onecard/connectors/exchange/sim/simtest"
)

const request = "OUTLET_DISPATCH_20261121_000004.txt"

func start(t *testing.T, rules string) (*simtest.Hub, *exchange.Partner) {
	t.Helper()
	h := simtest.New(t)
	cfg := h.Config("OUTLET", New())
	now := time.Date(2026, 11, 22, 9, 30, 0, 0, exchange.Beijing())
	cfg.Clock = func() time.Time { return now }
	cfg.Rules = h.Rules(rules)
	return h, h.Start(cfg)
}

func dispatch(rows int) []string {
	out := make([]string, rows)
	for i := range out {
		out[i] = fmt.Sprintf("%d|D%08d|O|440600001||||||", i+1, i)
	}
	return out
}

func TestArrivalThenHandOver(t *testing.T) {
	t.Parallel()
	h, p := start(t, "")
	h.Send(request, dispatch(100)...)
	arrived := h.Answer(p, "OUTLET_REPORT_20261122_000001.txt")
	require.Len(t, arrived, 100)
	for _, r := range arrived {
		require.Equal(t, []string{"A", "20261122093000", ""}, r[2:5])
		require.Equal(t, request, r[6])
	}
	first := h.Answer(p, "OUTLET_REPORT_20261122_000002.txt")
	second := h.Answer(p, "OUTLET_REPORT_20261122_000003.txt")
	require.NotEmpty(t, first)
	require.NotEmpty(t, second)
	seen := map[string]bool{}
	for _, r := range append(first, second...) {
		require.Equal(t, "H", r[2])
		require.Contains(t, []string{"01", "02"}, r[4])
		require.NotEmpty(t, r[5])
		seen[r[0]] = true
	}
	require.Len(t, seen, 100, "each card is handed over once")
	require.Equal(t, 100, h.Events()[EventHandedOver])
}

func TestRowsThatCannotBeDelivered(t *testing.T) {
	t.Parallel()
	h, p := start(t, "")
	h.Send(request,
		"1|D00000128|O|||||||", "2|D00000128|E|||||||", "3|D00000128|P||||SF1|\xc5\xb7|138|", "4|D00000128|X|||||||",
		"5|D00000128|E||9144|\xc5\xb7||||", "6|D00000128|P||||SF1|\xc5\xb7|138|\xb7\xf0", "7|D00000128|O|440600001|||||138|")
	rows := h.Answer(p, "OUTLET_REPORT_20261122_000001.txt")
	events := make([]string, len(rows))
	for i, r := range rows {
		events[i] = r[2]
	}
	require.Equal(t, []string{"R", "R", "R", "R", "A", "A", "A"}, events)
	require.Equal(t, 4, h.Events()[EventReturned])
	require.Equal(t, 1, h.Events()[EventComplaint], "nobody needs a phone number at an outlet")
}

func TestReturnsByRules(t *testing.T) {
	t.Parallel()
	h, p := start(t, "[[rule]]\npartner=\"OUTLET\"\nkind=\"DISPATCH\"\ndo=\"refuse\"\ncode=\"R\"\nshare=0.5\n")
	h.Send(request, dispatch(200)...)
	returned := 0
	for _, r := range h.Answer(p, "OUTLET_REPORT_20261122_000001.txt") {
		if r[2] == "R" {
			returned++
		}
	}
	require.InDelta(t, 100, returned, 60)
	h.Eventually("handed over", func() bool { return h.Events()[EventHandedOver] == 200-returned })
	require.Equal(t, returned, h.Events()[EventReturned])
}

func TestNothingToReport(t *testing.T) {
	t.Parallel()
	h, _ := start(t, "[[rule]]\npartner=\"OUTLET\"\nkind=\"DISPATCH\"\ndo=\"omit\"\n")
	h.Send(request, dispatch(3)...)
	h.Eventually("processed", func() bool { return h.Events()["processed"] == 1 })
	require.Zero(t, h.Events()["prepared"], "reports without rows are not sent")
}
