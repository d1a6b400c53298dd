package postgres

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// Counts tells how far the rows of a batch or rollout have come. The stages count every row that has reached them, whatever
// became of it later; the outcomes count each row once.
type Counts struct {
	Rows          int `json:"rows"`     // handed in: accepted + refused
	Accepted      int `json:"accepted"` // not refused
	Refused       int `json:"refused"`  // at intake or by the match
	Matched       int `json:"matched"`
	AccountOpened int `json:"account_opened"`
	Made          int `json:"made"`
	InStock       int `json:"in_stock"`
	Dispatched    int `json:"dispatched"`
	HandedOver    int `json:"handed_over"`
	Active        int `json:"active"`         // the social function is active
	AccountActive int `json:"account_active"` // so is the bank account
	Failed        int `json:"failed"`         // at the bank, at the bureau, or on the way to the holder
	Unknown       int `json:"unknown"`        // sent, and left out of the answer or answered wrongly
	Withdrawn     int `json:"withdrawn"`      // by a cancel
	Pending       int `json:"pending"`        // on their way
}

// Add adds o's counts.
func (c *Counts) Add(o Counts) {
	c.Rows += o.Rows
	c.Accepted += o.Accepted
	c.Refused += o.Refused
	c.Matched += o.Matched
	c.AccountOpened += o.AccountOpened
	c.Made += o.Made
	c.InStock += o.InStock
	c.Dispatched += o.Dispatched
	c.HandedOver += o.HandedOver
	c.Active += o.Active
	c.AccountActive += o.AccountActive
	c.Failed += o.Failed
	c.Unknown += o.Unknown
	c.Withdrawn += o.Withdrawn
	c.Pending += o.Pending
}

// countBatch takes the counts from the rows and keeps them beside the batch. It also returns how many rows have a card number.
func countBatch(ctx context.Context, tx pgx.Tx, s scope) (c Counts, numbered int, err error) {
	c, numbered, err = countItems(ctx, tx, s)
	if err == nil && c.Active > 0 {
		c.AccountActive, err = countAccounts(ctx, tx, s)
	}
	if err != nil {
		return c, numbered, err
	}
	text, err := json.Marshal(c)
	if err != nil {
		return c, numbered, err
	}
	_, err = tx.Exec(ctx, "update batch set counts = $3 where rollout = $1 and number = $2", s.rollout, s.batch, text)
	return c, numbered, err
}

func countItems(ctx context.Context, tx pgx.Tx, s scope) (c Counts, numbered int, err error) {
	rows, err := tx.Query(ctx, `
		select status, coalesce(prior, status), coalesce(reason, ''), count(*), count(card_no) from issuance_item
		where city = $1 and rollout = $2 and batch = $3 group by 1, 2, 3`, s.args()...)
	if err != nil {
		return c, 0, err
	}
	var (
		status, reached card.ItemStatus
		reason          card.Reason
		n, numbers      int
	)
	_, err = pgx.ForEachRow(rows, []any{&status, &reached, &reason, &n, &numbers}, func() error {
		c.count(status, reached, reason, n)
		numbered += numbers
		return nil
	})
	return c, numbered, err
}

// countAccounts counts the accounts that are active of the cards that are.
func countAccounts(ctx context.Context, tx pgx.Tx, s scope) (n int, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from issuance_item i join bank_account a on a.city = i.city and a.card_no = i.card_no
		where i.city = $1 and i.rollout = $2 and i.batch = $3 and i.status = $4 and a.status = $5`,
		s.args(card.Activated, card.Active)...).Scan(&n)
	return n, err
}

// count counts n rows that stand at status, having reached another one before if they ended there. A card that came back
// undeliverable, or could not be announced, has failed, though it lies in the store.
func (c *Counts) count(status, reached card.ItemStatus, reason card.Reason, n int) {
	c.Rows += n
	for _, stage := range []struct {
		from  card.ItemStatus
		count *int
	}{
		{card.Matched, &c.Matched}, {card.AccountOpened, &c.AccountOpened}, {card.Made, &c.Made}, {card.InStock, &c.InStock},
		{card.Dispatched, &c.Dispatched}, {card.HandedOver, &c.HandedOver}, {card.Activated, &c.Active},
	} {
		if reached >= stage.from {
			*stage.count += n
		}
	}
	if status == card.Refused {
		c.Refused += n
		return
	}
	c.Accepted += n
	switch {
	case status == card.Withdrawn:
		c.Withdrawn += n
	case status == card.AccountFailed || status == card.MakeFailed || status == card.Spoiled || status == card.InStock && reason != "":
		c.Failed += n
	case reason == card.ReasonNoAnswer || reason == card.ReasonAnswerRefused:
		c.Unknown += n
	case status != card.Activated:
		c.Pending += n
	}
}

// JudgeCanary compares the share of the canary's rows that were refused, failed or are unknown with the rollout's
// threshold, and tells the verdict.
func (l *Ledger) JudgeCanary(ctx context.Context, b card.BatchID) (passed bool, err error) {
	err = l.tx(ctx, "judge the canary", func(tx pgx.Tx) error {
		s, err := l.scope(ctx, tx, b)
		if err != nil {
			return err
		}
		var threshold int
		var c Counts
		var m Money
		var counts any = &c
		if s.kind == KindSubsidy {
			counts = &m
		}
		if err := tx.QueryRow(ctx, `
			select r.canary_threshold, b.counts from batch b join rollout r on r.no = b.rollout where b.rollout = $1 and b.number = $2`,
			s.rollout, s.batch).Scan(&threshold, counts); err != nil {
			return err
		}
		if s.kind == KindSubsidy {
			c = m.counts()
		}
		bad := c.Refused + c.Failed + c.Unknown
		passed = bad*10_000 <= threshold*c.Rows
		what := EventCanaryPassed
		if !passed {
			what = EventCanaryFailed
		}
		return l.tellBatch(ctx, tx, s, what, "", map[string]any{"bad": bad, "rows": c.Rows, "threshold": threshold})
	})
	return passed, err
}
