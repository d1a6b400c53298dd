package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// Preview is what a rollout would do, before it does it.
type Preview struct {
	View
	Groups   []PreviewGroup  `json:"groups"`
	Refusals []RefusalsCount `json:"refusals"`
}

// PreviewGroup is the cards of one city, bank, way to the holder and outlet.
type PreviewGroup struct {
	City   string                `json:"city"`
	Bank   string                `json:"bank"`
	Mode   card.DistributionMode `json:"mode"`
	Outlet string                `json:"outlet,omitempty"`
	Rows   int                   `json:"rows"`
}

// RefusalsCount is how many rows were refused for one reason. A row may have several.
type RefusalsCount struct {
	Reason card.Reason `json:"reason"`
	Rows   int         `json:"rows"`
}

// Preview counts what the rollout would do.
func (l *Ledger) Preview(ctx context.Context, id card.RolloutID) (Preview, error) {
	v, err := l.Show(ctx, id, false)
	if err != nil {
		return Preview{}, err
	}
	p := Preview{View: v}
	no, err := rolloutNo(ctx, l.pool, id)
	if err != nil {
		return p, fault("preview the rollout", err)
	}
	rows, err := l.pool.Query(ctx, `
		select to_char(city, 'FM000000'), to_char(bank, 'FM000'), mode, outlet, count(*) from roster_row where rollout = $1
		group by city, bank, mode, outlet order by city, bank, mode, outlet`, no)
	if err != nil {
		return p, fault("preview the rollout", err)
	}
	if p.Groups, err = pgx.CollectRows(rows, pgx.RowToStructByPos[PreviewGroup]); err != nil {
		return p, fault("preview the rollout", err)
	}
	p.Refusals, err = l.refusalCounts(ctx, no)
	return p, fault("preview the rollout", err)
}

func (l *Ledger) refusalCounts(ctx context.Context, no int32) ([]RefusalsCount, error) {
	rows, err := l.pool.Query(ctx, `
		select reason, count(*) from (
			select unnest(reasons) as reason from roster_refusal where rollout = $1
			union all select reason from issuance_item where rollout = $1 and reason is not null) x
		group by reason order by count(*) desc, reason`, no)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[RefusalsCount])
}
