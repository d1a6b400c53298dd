package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"onecard/card"
	"onecard/connectors/postgres"
)

// A list for a person: longer ones are summed up, and -o json has all of it.
const (
	readableLines = 60 // of a table
	readableRows  = 3  // events about single rows, one after the other
)

// foldEvents leaves out of a timeline what repeats itself: of events about single rows that follow each other only the first few stay.
// more is how many were left out behind an event.
func foldEvents(events []postgres.Event) (kept []postgres.Event, more map[int]int) {
	more = map[int]int{}
	run := 0
	for i, e := range events {
		_, single := e.Args["row"]
		if run++; !single || i == 0 || events[i-1].What != e.What {
			run = 1
		}
		if run > readableRows {
			more[len(kept)-1]++
			continue
		}
		kept = append(kept, e)
	}
	return kept, more
}

// foldBatches is the table of the batches, or of many their sums by status and those that are at work or need somebody.
func foldBatches(batches []postgres.BatchView) []table {
	if len(batches) <= readableLines {
		return []table{payBatchTable(batches)}
	}
	sums := table{{"status 状态", "batches 批次", "rows 行", "intended 应发(元)", "paid 已入账(元)", "returned 退票", "unknown 未知", "pending 待办结"}}
	var busy []postgres.BatchView
	for _, status := range []card.BatchStatus{card.BatchPlanned, card.BatchRunning, card.BatchFrozen, card.BatchCancelled, card.BatchDone} {
		var of []postgres.BatchView
		for _, b := range batches {
			if b.Status == status {
				of = append(of, b)
			}
		}
		if len(of) == 0 {
			continue
		}
		sums = append(sums, batchSums(status, of))
		if status == card.BatchRunning || status == card.BatchFrozen {
			busy = append(busy, of...)
		}
	}
	if len(busy) == 0 || len(busy) > readableLines {
		return []table{sums}
	}
	return []table{sums, payBatchTable(busy)}
}

func batchSums(status card.BatchStatus, of []postgres.BatchView) []string {
	var c postgres.Counts
	var intended, paid int64
	for _, b := range of {
		c.Add(b.Counts)
		intended, paid = intended+b.Fen.Intended, paid+b.Fen.Paid
	}
	line := []string{string(status), strconv.Itoa(len(of)), strconv.Itoa(c.Rows), yuan(intended), yuan(paid)}
	return append(line, numbers(c.Failed, c.Unknown, c.Pending)...)
}

// foldWaits is what is waited for, or of much how many batches wait for the same and until when the first does.
func foldWaits(all []postgres.Waiting) table {
	if len(all) <= readableLines {
		return waitTable(all)
	}
	type wait struct{ whom, what string }
	of := map[wait][]postgres.Waiting{}
	for _, x := range all {
		k := wait{x.For, x.What}
		of[k] = append(of[k], x)
	}
	var first []postgres.Waiting
	for _, some := range of {
		w := slices.MinFunc(some, func(a, b postgres.Waiting) int { return a.Until.Compare(b.Until) })
		w.Batch = fmt.Sprintf("%d batches 个批次", len(some))
		first = append(first, w)
	}
	slices.SortFunc(first, func(a, b postgres.Waiting) int {
		return cmp.Or(a.Until.Compare(b.Until), cmp.Compare(a.For+a.What, b.For+b.What))
	})
	return waitTable(first)
}

// foldFollowUps sums up causes over cities and banks when there are too many lines of an owner to be read.
func foldFollowUps(groups []postgres.FollowUp) []postgres.FollowUp {
	if len(groups) <= readableLines {
		return groups
	}
	var sums []postgres.FollowUp
	for _, g := range groups { // by reason and status already
		last := len(sums) - 1
		if last < 0 || sums[last].Reason != g.Reason || sums[last].Status != g.Status {
			sums, last = append(sums, postgres.FollowUp{Status: g.Status, Reason: g.Reason, Owners: g.Owners}), last+1
		}
		sums[last].Sum.Add(g.Sum)
		sums[last].Followed.Add(g.Followed)
	}
	return sums
}

// foldReasons sums up the reasons of a preview over cities and banks when there are too many lines to be read, the most frequent first.
func foldReasons(reasons []postgres.PayReasons) []postgres.PayReasons {
	if len(reasons) <= readableLines {
		return reasons
	}
	at := map[card.Reason]int{}
	var sums []postgres.PayReasons
	for _, r := range reasons {
		i, known := at[r.Reason]
		if !known {
			i = len(sums)
			at[r.Reason], sums = i, append(sums, postgres.PayReasons{Reason: r.Reason})
		}
		sums[i].Held.Add(r.Held)
		sums[i].Ended.Add(r.Ended)
	}
	slices.SortStableFunc(sums, func(a, b postgres.PayReasons) int {
		return cmp.Compare(b.Held.Rows+b.Ended.Rows, a.Held.Rows+a.Ended.Rows)
	})
	return sums
}

// foldedNote says that a table is a sum; nothing when it is not.
func foldedNote(shown, of int) string {
	if shown == of {
		return ""
	}
	return fmt.Sprintf("  (各地市、银行合计，逐项见 -o json；all cities and banks together: -o json lists the %d lines)\n", of)
}
