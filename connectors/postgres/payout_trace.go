package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// PayTrace is what an event of the payee's card or account did to a payment.
type PayTrace struct {
	Row    int            `json:"row"`
	At     time.Time      `json:"at"`
	Event  card.PayEvent  `json:"event"`
	Action card.PayAction `json:"action"`
	Sent   bool           `json:"sent"` // its instruction had left the hub
	Done   bool           `json:"done"` // the payment was changed at once; else it is to be watched, or was safe
	Source string         `json:"source"`
}

const selectTraces = "select row_no, at, event, action, sent, done, source from payout_trace "

// PayFollow says that a payment makes good for one that came back or never left.
type PayFollow struct {
	Rollout   card.RolloutID `json:"rollout"`
	Row       int            `json:"row"`
	OfRollout card.RolloutID `json:"of_rollout"`
	OfRow     int            `json:"of_row"`
	Status    card.PayStatus `json:"status"` // of the payment that makes good
}

const selectFollows = `
	select r.id, f.row_no, o.id, f.of_row, coalesce((
		select i.status from batch b join payout_item i on i.city = b.city and i.rollout = b.rollout and i.batch = b.number
		where b.rollout = f.rollout and i.row_no = f.row_no limit 1), 0::smallint)
	from payout_follow f join rollout r on r.no = f.rollout join rollout o on o.no = f.of_rollout `

// PayHistory is all that happened to one payment of a subsidy rollout.
type PayHistory struct {
	Rollout     card.RolloutID `json:"rollout"`
	Row         int            `json:"row"`
	Batch       string         `json:"batch"`
	Bank        string         `json:"bank"`
	Card        card.Number    `json:"card"`
	Fen         int64          `json:"fen"`
	Status      card.PayStatus `json:"status"`
	Reason      card.Reason    `json:"reason,omitempty"`
	Instruction string         `json:"instruction,omitempty"` // once it was sent
	Files       []FileRecord   `json:"files"`                 // of its batch and of what told of it, in their order
	Events      []Event        `json:"events"`                // of its batch, and of the row itself
	Traces      []PayTrace     `json:"traces"`
	Follows     []PayFollow    `json:"follows"`     // what it makes good for
	FollowedBy  []PayFollow    `json:"followed_by"` // what makes good for it
}

// PayHistory tells what happened to a payment: its batch's files with their proofs, holds, returns, what events of cards did, what it
// makes good for and what makes good for it.
func (l *Ledger) PayHistory(ctx context.Context, id card.RolloutID, row int) (PayHistory, error) {
	h := PayHistory{Rollout: id, Row: row}
	err := pgx.BeginTxFunc(ctx, l.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		s, err := h.find(ctx, tx)
		if err != nil {
			return err
		}
		for _, read := range []func(context.Context, pgx.Tx, scope) error{h.readFiles, h.readEvents, h.readLinks} {
			if err := read(ctx, tx, s); err != nil {
				return err
			}
		}
		return nil
	})
	return h, fault("tell what happened to a payment", err)
}

func (h *PayHistory) find(ctx context.Context, q querier) (s scope, err error) {
	var number string
	var version int
	err = q.QueryRow(ctx, `
		select i.city, i.rollout, i.batch, p.version, p.bank, p.card_no, i.fen, i.status, coalesce(i.reason, '')
		from rollout r join batch b on b.rollout = r.no
		join payout_row p on p.city = b.city and p.rollout = r.no and p.batch = b.number and p.row_no = $2
		join payout_item i on i.city = p.city and i.rollout = p.rollout and i.batch = p.batch and i.row_no = p.row_no
		where r.id = $1 and r.kind = 'subsidy'`, string(h.Rollout), h.Row).Scan(
		&s.city, &s.rollout, &s.batch, &version, &s.bank, &number, &h.Fen, &h.Status, &h.Reason)
	if isNoRows(err) {
		return s, card.E(card.NotFound, fmt.Sprintf("find row %d of %s", h.Row, h.Rollout), card.ReasonNoPayment, nil)
	}
	h.Card, h.Bank = card.Number(number), fmt.Sprintf("%03d", s.bank)
	h.Batch = batchID(h.Rollout, int(s.city), int(s.bank), int(s.batch)).String()
	switch h.Status {
	case card.PayReleased, card.PayUnknown, card.PayPaid, card.PayReturned:
		h.Instruction = card.NewInstruction(h.Rollout, h.Row, version)
	case card.PayPlanned, card.PayHeld, card.PayWithdrawn, card.PayRefused:
	}
	return s, err
}

func (h *PayHistory) readFiles(ctx context.Context, tx pgx.Tx, s scope) error {
	rows, err := tx.Query(ctx, selectFiles()+`
		where f.rollout = $2 and f.batch = $3 or f.no = (
			select file from payout_item where city = $1 and rollout = $2 and batch = $3 and row_no = $4) order by f.no`, s.args(h.Row)...)
	if err != nil {
		return err
	}
	h.Files, err = pgx.CollectRows(rows, scanRecord)
	return err
}

func (h *PayHistory) readEvents(ctx context.Context, tx pgx.Tx, s scope) error {
	rows, err := tx.Query(ctx, `
		select at, what, who, args from rollout_event where rollout = $1
		and (batch = $2 and not args ? 'row' or args->>'row' = $3::text or batch is null) order by id`, s.rollout, s.batch, fmt.Sprint(h.Row))
	if err != nil {
		return err
	}
	h.Events, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (e Event, err error) {
		return e, r.Scan(&e.At, &e.What, &e.Who, &e.Args)
	})
	return err
}

func (h *PayHistory) readLinks(ctx context.Context, tx pgx.Tx, s scope) (err error) {
	if h.Traces, err = collect[PayTrace](ctx, tx, selectTraces+"where rollout = $1 and row_no = $2 order by id", s.rollout, h.Row); err != nil {
		return err
	}
	if h.Follows, err = collect[PayFollow](ctx, tx, selectFollows+"where f.rollout = $1 and f.row_no = $2", s.rollout, h.Row); err != nil {
		return err
	}
	h.FollowedBy, err = collect[PayFollow](ctx, tx, selectFollows+"where f.of_rollout = $1 and f.of_row = $2 order by f.rollout", s.rollout, h.Row)
	return err
}

// collect reads the rows of a query, whose columns are the fields of T.
func collect[T any](ctx context.Context, q querier, sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[T])
}
