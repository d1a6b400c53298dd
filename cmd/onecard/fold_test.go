package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	must "github.com/stretchr/testify/require" // the package has a require of its own

	"onecard/card"
	"onecard/connectors/postgres"
)

// TestATimelineFoldsWhatRepeatsItself shows a few of the rows that came back, how many more there were, and everything else.
func TestATimelineFoldsWhatRepeatsItself(t *testing.T) {
	t.Parallel()
	events := []postgres.Event{{What: postgres.EventCreated}}
	for row := range 500 {
		events = append(events, postgres.Event{What: postgres.EventPayback, Args: map[string]any{"row": row}})
	}
	for row := range 2 {
		events = append(events, postgres.Event{What: postgres.EventRowHeld, Args: map[string]any{"row": row}})
	}
	events = append(events, postgres.Event{What: postgres.EventDone}, postgres.Event{What: postgres.EventDone})
	var out bytes.Buffer
	must.NoError(t, printTimeline(&out, events, postgres.View{}))
	text := out.String()
	must.Equal(t, 3, strings.Count(text, "came back after it was paid"))
	must.Contains(t, text, "497 more rows alike")
	must.Equal(t, 2, strings.Count(text, "is held"))
	must.Equal(t, 2, strings.Count(text, "everything is done"))
	must.Equal(t, 1, strings.Count(text, "more rows alike"))
}

// TestAViewOfManyBatchesCanBeRead sums up what is done and what is waited for, and names what is at work.
func TestAViewOfManyBatchesCanBeRead(t *testing.T) {
	t.Parallel()
	v := postgres.View{Payout: &postgres.Payout{Checked: true}}
	for n := range 483 {
		status := card.BatchDone
		if n%100 == 7 {
			status = card.BatchRunning
		}
		v.Batches = append(v.Batches, postgres.BatchView{ID: fmt.Sprintf("B%03d", n), Status: status, Counts: postgres.Counts{Rows: 10}, Fen: &postgres.Fen{Intended: 100, Paid: 90}})
		v.Waiting = append(v.Waiting, postgres.Waiting{Batch: fmt.Sprintf("B%03d", n), For: []string{"ICBC", "ABC"}[n%2], What: "PAYRET",
			Until: time.Date(2026, 11, 22, 0, n, 0, 0, time.UTC)})
	}
	var out bytes.Buffer
	must.NoError(t, printView(&out, v))
	text := out.String()
	must.Less(t, strings.Count(text, "\n"), 60)
	for _, want := range []string{"478", "4780", "430.20", "B007", "B407", "242 batches", "241 batches", clock(time.Date(2026, 11, 22, 0, 1, 0, 0, time.UTC))} {
		must.Contains(t, text, want)
	}
	must.NotContains(t, text, "B008")
}

// TestCausesInManyPlacesCanBeRead keeps the sums of follow-ups and of a preview's reasons when it leaves their places out.
func TestCausesInManyPlacesCanBeRead(t *testing.T) {
	t.Parallel()
	var groups []postgres.FollowUp
	var reasons []postgres.PayReasons
	for _, reason := range []card.Reason{card.ReasonDuplicateInFile, card.ReasonPayClosed} {
		for n := range 483 {
			place := fmt.Sprintf("4406%02d", n%21)
			groups = append(groups, postgres.FollowUp{Status: card.PayReturned, Reason: reason, Owners: reason.Owners(), City: place, Bank: "102", Sum: postgres.Sum{Rows: 2, Fen: 500}})
			reasons = append(reasons, postgres.PayReasons{Reason: reason, City: place, Bank: "102", Held: postgres.Sum{Rows: 1, Fen: 100}, Ended: postgres.Sum{Rows: 2, Fen: 300}})
		}
	}
	var out bytes.Buffer
	must.NoError(t, printFollowUps(&out, groups))
	must.Less(t, strings.Count(out.String(), "\n"), 20)
	must.Equal(t, 2, strings.Count(out.String(), "2,415.00"))
	must.Contains(t, out.String(), "966 lines")
	out.Reset()
	must.NoError(t, printPayReasons(&out, reasons))
	must.Less(t, strings.Count(out.String(), "\n"), 10)
	must.Equal(t, 2, strings.Count(out.String(), "1449.00"))
	out.Reset()
	must.NoError(t, printFollowUps(&out, groups[:2]))
	must.Contains(t, out.String(), "440600")
}
