package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// What can happen to a rollout. The edge puts the codes into words.
const (
	EventCreated        = "created"
	EventSubmitted      = "submitted"
	EventApproved       = "approved"
	EventStarted        = "started"
	EventPaused         = "paused"
	EventResumed        = "resumed"
	EventStopped        = "stopped"
	EventCancelled      = "cancelled"
	EventDone           = "done"
	EventFrozen         = "frozen"
	EventFileSent       = "file_sent"
	EventFileProcessed  = "file_processed"
	EventFileRefused    = "file_refused"
	EventNumbers        = "numbers_allocated"
	EventStocked        = "stocked"
	EventActivated      = "activated"
	EventRemake         = "remake_planned"
	EventBatchDone      = "batch_done"
	EventBatchCancelled = "batch_cancelled"
	EventCanaryPassed   = "canary_passed"
	EventCanaryFailed   = "canary_failed"
	EventHandedOver     = "handed_over"

	EventFunds     = "funds"
	EventRowHeld   = "row_held"
	EventRowLifted = "row_lifted"
	EventPayback   = "payback"
	EventNotice    = "notice"
	EventRehearsed = "rehearsed"

	EventNoticeOver = "notice_over"
	EventCutOff     = "cut_off"

	EventFileRefusedThere = "file_refused_there"
	EventFileHeld         = "file_held"
	EventFileReleased     = "file_released"
	EventFileWithdrawn    = "file_withdrawn"
	EventRowsRefused      = "rows_refused"
	EventRowsLeftOut      = "rows_left_out"
	EventFileReissued     = "file_reissued"
	EventFileRejoined     = "file_rejoined"
	EventFileDelivered    = "file_delivered"
)

var statusEvents = map[card.RolloutStatus]string{
	card.RolloutRunning: EventStarted, card.RolloutPaused: EventPaused, card.RolloutStopped: EventStopped,
	card.RolloutCancelled: EventCancelled, card.RolloutDone: EventDone,
}

// fileEvents are the events of what people decide about files.
var fileEvents = map[string]string{
	"quarantine": EventFileHeld, "release": EventFileReleased, "withdraw": EventFileWithdrawn, "reissue": EventFileReissued,
	"rejoin": EventFileRejoined, "deliver": EventFileDelivered,
}

// eventKey is the key of something that can happen to a subject several times.
func eventKey(what, subject string, times int) string {
	return fmt.Sprintf("%s/%s/%d", what, subject, times)
}

// Event is one line of a rollout's timeline.
type Event struct {
	At    time.Time      `json:"at"`
	Batch string         `json:"batch,omitempty"` // empty: the whole rollout
	What  string         `json:"what"`
	Who   string         `json:"who,omitempty"` // empty: the hub itself
	Args  map[string]any `json:"args,omitempty"`
}

// event is an Event on its way into the ledger; the same Key is told once.
type event struct {
	Batch *int32
	What  string
	Who   string
	Args  map[string]any
	Key   string
}

func (l *Ledger) tell(ctx context.Context, tx pgx.Tx, rollout int32, e event) error {
	if e.Args == nil {
		e.Args = map[string]any{}
	}
	args, err := json.Marshal(e.Args)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into rollout_event (rollout, at, batch, what, who, args, key) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (rollout, key) do nothing`, rollout, l.now(), e.Batch, e.What, e.Who, args, e.Key)
	return err
}

// tellBatch tells what happened to a batch, once for each what and detail.
func (l *Ledger) tellBatch(ctx context.Context, tx pgx.Tx, s scope, what, detail string, args map[string]any) error {
	return l.tell(ctx, tx, s.rollout, event{Batch: &s.batch, What: what, Args: args, Key: fmt.Sprintf("%d/%s/%s", s.batch, what, detail)})
}

// selectTimeline is the query of a rollout's events, oldest first.
const selectTimeline = `
	select e.at, coalesce(b.city, 0), coalesce(b.bank, 0), coalesce(e.batch, 0), e.what, e.who, e.args from rollout_event e
	left join batch b on b.rollout = e.rollout and b.number = e.batch where e.rollout = $1 order by e.id`

func scanEvent(r pgx.CollectableRow, id card.RolloutID) (Event, error) {
	var e Event
	var city, bank, batch int
	err := r.Scan(&e.At, &city, &bank, &batch, &e.What, &e.Who, &e.Args)
	if batch > 0 {
		e.Batch = batchID(id, city, bank, batch).String()
	}
	return e, err
}

// Timeline returns what happened to a rollout, oldest first.
func (l *Ledger) Timeline(ctx context.Context, id card.RolloutID) ([]Event, error) {
	no, err := rolloutNo(ctx, l.pool, id)
	if err != nil {
		return nil, fault("read the timeline", err)
	}
	rows, err := l.pool.Query(ctx, selectTimeline, no)
	if err != nil {
		return nil, fault("read the timeline", err)
	}
	events, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (Event, error) { return scanEvent(r, id) })
	return events, fault("read the timeline", err)
}

func batchID(id card.RolloutID, city, bank, number int) card.BatchID {
	return card.BatchID{Rollout: id, City: fmt.Sprintf("%06d", city), Bank: fmt.Sprintf("%03d", bank), Number: number}
}
