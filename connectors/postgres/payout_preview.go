package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// PayPreview is what a subsidy rollout would do, before it does it.
type PayPreview struct {
	View
	Groups   []PayGroup   `json:"groups"`
	Refusals []PayReasons `json:"refusals"`
}

// PayGroup is the payments of one city and bank.
type PayGroup struct {
	City string `json:"city"`
	Bank string `json:"bank"`
	// WillPay is what is planned or has gone on already; Held waits for a person, Refused was refused by a check after intake.
	WillPay Sum `json:"will_pay"`
	Held    Sum `json:"held"`
	Refused Sum `json:"refused"`
}

// PayReasons is what is held or refused for one reason, in which city and at which bank; both are empty for rows that were refused
// before their card was found. A row may have several reasons, and its money then counts for each.
type PayReasons struct {
	Reason card.Reason `json:"reason"`
	City   string      `json:"city,omitempty"`
	Bank   string      `json:"bank,omitempty"`
	Held   Sum         `json:"held"`
	Ended  Sum         `json:"refused"`
}

// PreviewPayout counts what a subsidy rollout would do, in rows and fen.
func (l *Ledger) PreviewPayout(ctx context.Context, id card.RolloutID) (PayPreview, error) {
	v, err := l.Show(ctx, id, false)
	if err != nil {
		return PayPreview{}, err
	}
	p := PayPreview{View: v}
	no, err := rolloutNo(ctx, l.pool, id)
	if err != nil {
		return p, fault("preview the payments", err)
	}
	if p.Groups, err = l.payGroups(ctx, no); err != nil {
		return p, fault("preview the payments", err)
	}
	p.Refusals, err = l.payReasons(ctx, no)
	return p, fault("preview the payments", err)
}

func (l *Ledger) payGroups(ctx context.Context, no int32) ([]PayGroup, error) {
	rows, err := l.pool.Query(ctx, `
		select to_char(b.city, 'FM000000'), to_char(b.bank, 'FM000'),
			count(*) filter (where i.status not in ($2, $3, $4)), coalesce(sum(i.fen) filter (where i.status not in ($2, $3, $4)), 0)::bigint,
			count(*) filter (where i.status = $2), coalesce(sum(i.fen) filter (where i.status = $2), 0)::bigint,
			count(*) filter (where i.status = $3), coalesce(sum(i.fen) filter (where i.status = $3), 0)::bigint
		from `+itemsOfRollout+` group by b.city, b.bank order by b.city, b.bank`, no, card.PayHeld, card.PayRefused, card.PayWithdrawn)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (g PayGroup, err error) {
		err = r.Scan(&g.City, &g.Bank, &g.WillPay.Rows, &g.WillPay.Fen, &g.Held.Rows, &g.Held.Fen, &g.Refused.Rows, &g.Refused.Fen)
		return g, err
	})
}

func (l *Ledger) payReasons(ctx context.Context, no int32) ([]PayReasons, error) {
	rows, err := l.pool.Query(ctx, `
		select reason, case when city > 0 then to_char(city, 'FM000000') else '' end, case when bank > 0 then to_char(bank, 'FM000') else '' end,
			count(*) filter (where held), coalesce(sum(fen) filter (where held), 0)::bigint,
			count(*) filter (where not held), coalesce(sum(fen) filter (where not held), 0)::bigint
		from (
			select unnest(reasons) as reason, city, bank, fen, false as held from roster_refusal where rollout = $1
			union all
			select coalesce(i.reason, ''), b.city, b.bank, i.fen, i.status = $2 from `+itemsOfRollout+` where i.status in ($2, $3)) x
		group by reason, city, bank order by count(*) desc, reason, city, bank`, no, card.PayHeld, card.PayRefused)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (p PayReasons, err error) {
		err = r.Scan(&p.Reason, &p.City, &p.Bank, &p.Held.Rows, &p.Held.Fen, &p.Ended.Rows, &p.Ended.Fen)
		return p, err
	})
}
