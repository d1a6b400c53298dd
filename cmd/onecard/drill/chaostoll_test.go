package drill_test

import (
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	enums "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"

	exchange "onecard/connectors/exchange/sim"
)

// terminatedBy returns how a run was terminated, by its history; nil when it was not.
func (c *chaos) terminatedBy(r run) *historypb.WorkflowExecutionTerminatedEventAttributes {
	c.Helper()
	var last *historypb.HistoryEvent
	events := c.engine.GetWorkflowHistory(c.Context(), r.id, r.run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		require.NoError(c, err)
		last = e
	}
	return last.GetWorkflowExecutionTerminatedEventAttributes()
}

// countReturns counts by a bank's ledger the answers to payments that were published cut short, again, or past their deadline.
func (c *chaos) countReturns(bank string, all toll) {
	c.Helper()
	prepared := map[string]time.Time{}
	require.NoError(c, exchange.ScanLedger(c.partner(bank, "ledger.csv"), func(e *exchange.Entry) error {
		name := string(e.File)
		if !strings.Contains(name, "_PAYRET_") {
			return nil
		}
		at, err := time.Parse(time.RFC3339, string(e.Time))
		if err != nil {
			return err
		}
		switch string(e.Event) + " " + string(e.Result) {
		case "answered cut":
			all[cameShort]++
		case "answered again":
			all[cameTwice]++
		case "answered ok":
			if at.Sub(prepared[name]) > chaosDeadline {
				all[cameLate]++
			}
		case "prepared ok":
			prepared[name] = at
		}
		return nil
	}))
}
