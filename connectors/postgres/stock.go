package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// The places between which finished cards move.
const (
	placeVendor  = "vendor"
	placeStore   = "store"
	placeOutlets = "outlets"
)

// ReceiveStock takes the finished cards of the batch into the store and checks that as many lie there as the bureau says
// it made.
func (l *Ledger) ReceiveStock(ctx context.Context, b card.BatchID) (int, error) {
	var n int
	err := l.step(ctx, b, "STOCK", func(tx pgx.Tx, s scope) error {
		if _, err := tx.Exec(ctx, `
			update issuance_item set status = $5 where city = $1 and rollout = $2 and batch = $3 and status = $4`,
			s.args(card.Made, card.InStock)...); err != nil {
			return err
		}
		var cards int
		if err := tx.QueryRow(ctx, `
			select count(*), count(c.card_no) from issuance_item i left join card c on c.city = i.city and c.card_no = i.card_no
			where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.status between $4 and $5`, s.args(card.InStock, card.Activated)...).Scan(&n, &cards); err != nil {
			return err
		}
		if n != cards {
			return card.E(card.Breach, fmt.Sprintf("receive %d cards where the bureau made %d", n, cards), card.ReasonInvariantBreach, nil)
		}
		if err := moveStock(ctx, tx, s, placeVendor, placeStore, card.InStock); err != nil {
			return err
		}
		return l.tellBatch(ctx, tx, s, EventStocked, "", map[string]any{"rows": n})
	})
	return n, err
}

// moveStock records a movement of the batch's cards that now stand at status, once.
func moveStock(ctx context.Context, tx pgx.Tx, s scope, from, to string, status card.ItemStatus) error {
	_, err := tx.Exec(ctx, `
		insert into stock_movement (city, rollout, batch, from_place, to_place, quantity, first_no, last_no, by_whom, at)
		select $1, $2, $3, $4, $5, count(*), min(card_no), max(card_no), 'hub', now() from issuance_item
		where city = $1 and rollout = $2 and batch = $3 and status = $6 having count(*) > 0
		on conflict (rollout, batch, from_place, to_place) do nothing`, s.args(from, to, status)...)
	return err
}

// DispatchRows returns the batch's cards that leave the store, by row. It is a release like AccountOrders.
func (l *Ledger) DispatchRows(ctx context.Context, b card.BatchID) iter.Seq2[card.DispatchRow, error] {
	return func(yield func(card.DispatchRow, error) bool) {
		err := l.readContent(ctx, b, card.Dispatch, func(r contentRow) error {
			if r.status != card.InStock && r.status != card.Dispatched {
				return nil
			}
			return proceed(yield(dispatchRow(r), nil))
		})
		finish(err, yield)
	}
}

func dispatchRow(r contentRow) card.DispatchRow {
	d := card.DispatchRow{Ref: r.row, Number: r.number, Mode: r.app.Mode, Outlet: r.app.Outlet,
		EmployerNo: r.app.EmployerNo, EmployerName: r.app.EmployerName, Tracking: r.tracking, Name: r.app.Person.Name}
	if d.Mode == card.Post {
		d.Phone, d.Address = r.app.Person.Phone, r.app.Person.Address
	}
	return d
}
