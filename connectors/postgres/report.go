package postgres

import (
	"context"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// Part is the counts of one city, bank and outlet. Rows refused at intake bear no outlet, and no city or bank that could
// not be read.
type Part struct {
	City, Bank, Outlet string
	Counts             Counts
}

// Parts divides a rollout by city, bank and outlet, counted from its rows.
func (l *Ledger) Parts(ctx context.Context, id card.RolloutID) ([]Part, error) {
	no, err := rolloutNo(ctx, l.pool, id)
	if err != nil {
		return nil, fault("divide the rollout", err)
	}
	rows, err := l.pool.Query(ctx, `
		select to_char(r.city, 'FM000000'), to_char(r.bank, 'FM000'), r.outlet, i.status, coalesce(i.prior, i.status), coalesce(i.reason, ''), count(*), count(a.card_no)
		from issuance_item i join roster_row r using (city, rollout, row_no)
		left join bank_account a on a.city = i.city and a.card_no = i.card_no and a.status = $2
		where i.rollout = $1 group by 1, 2, 3, 4, 5, 6
		union all
		select case city when 0 then '' else to_char(city, 'FM000000') end, case bank when 0 then '' else to_char(bank, 'FM000') end, outlet, $3, $4, '', count(*), 0
		from roster_refusal where rollout = $1 group by 1, 2, 3
		order by 1, 2, 3`, no, card.Active, card.Refused, card.Applied)
	if err != nil {
		return nil, fault("divide the rollout", err)
	}
	var (
		parts           []Part
		p               Part
		status, reached card.ItemStatus
		reason          card.Reason
		n, accounts     int
	)
	_, err = pgx.ForEachRow(rows, []any{&p.City, &p.Bank, &p.Outlet, &status, &reached, &reason, &n, &accounts}, func() error {
		if last := len(parts) - 1; last < 0 || parts[last].City != p.City || parts[last].Bank != p.Bank || parts[last].Outlet != p.Outlet {
			parts = append(parts, p)
		}
		c := &parts[len(parts)-1].Counts
		c.count(status, reached, reason, n)
		c.AccountActive += accounts
		return nil
	})
	return parts, fault("divide the rollout", err)
}

// FileView is a file as the ledger knows it.
type FileView struct {
	File      card.File
	Direction string // out, in
	State     string
	Rows      int
	Size      int64
	SM3       string
	At        time.Time
}

// Files returns the files of a rollout in the order in which they were reserved or came.
func (l *Ledger) Files(ctx context.Context, id card.RolloutID) ([]FileView, error) {
	no, err := rolloutNo(ctx, l.pool, id)
	if err != nil {
		return nil, fault("list the files", err)
	}
	rows, err := l.pool.Query(ctx, `
		select partner, kind, business_date, sequence, direction, state, rows, size, sm3, coalesce(processed_at, confirmed_at, reserved_at)
		from exchange_file where rollout = $1 order by no`, no)
	if err != nil {
		return nil, fault("list the files", err)
	}
	files, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (FileView, error) {
		var f FileView
		err := r.Scan(&f.File.Partner, &f.File.Kind, &f.File.Date, &f.File.Seq, &f.Direction, &f.State, &f.Rows, &f.Size, &f.SM3, &f.At)
		return f, err
	})
	return files, fault("list the files", err)
}

// Approval is who approved which content.
type Approval struct {
	By   string
	Hash []byte
	At   time.Time
}

// Approvals returns the approvals of a rollout, oldest first.
func (l *Ledger) Approvals(ctx context.Context, id card.RolloutID) ([]Approval, error) {
	rows, err := l.pool.Query(ctx, `
		select a.by_whom, a.hash, a.at from approval a join rollout r on r.no = a.rollout where r.id = $1 order by a.at`, string(id))
	if err != nil {
		return nil, fault("list the approvals", err)
	}
	approvals, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Approval])
	return approvals, fault("list the approvals", err)
}

// ClosingAccount is an account that was opened for a card which will not be handed over, or that may have been: then
// Account is empty, and the bank is to be asked.
type ClosingAccount struct {
	Batch   card.BatchID
	Number  card.Number
	Account string
	At      *time.Time
	Reason  card.Reason
}

// AccountsToClose returns the accounts of a rollout that are to be closed, in the clear.
func (l *Ledger) AccountsToClose(ctx context.Context, id card.RolloutID) iter.Seq2[ClosingAccount, error] {
	return func(yield func(ClosingAccount, error) bool) {
		no, err := rolloutNo(ctx, l.pool, id)
		if err != nil {
			finish(fault("list the accounts to close", err), yield)
			return
		}
		rows, err := l.pool.Query(ctx, `
			select i.batch, i.city, coalesce(a.bank, r.bank), i.card_no, a.sealed, a.at, coalesce(i.reason, '')
			from issuance_item i join roster_row r using (city, rollout, row_no)
			left join bank_account a on a.city = i.city and a.card_no = i.card_no
			where i.rollout = $1 and i.card_no is not null and (a.to_close or (a.card_no is null and i.status = $2 and i.prior in ($3, $4)))
			order by i.batch, i.row_no`, no, card.Withdrawn, card.Batched, card.AccountRequested)
		if err != nil {
			finish(fault("list the accounts to close", err), yield)
			return
		}
		finish(fault("list the accounts to close", l.eachClosing(rows, id, yield)), yield)
	}
}

func (l *Ledger) eachClosing(rows pgx.Rows, id card.RolloutID, yield func(ClosingAccount, error) bool) error {
	var (
		number, city, bank int
		sealed             []byte
		c                  ClosingAccount
	)
	_, err := pgx.ForEachRow(rows, []any{&number, &city, &bank, &c.Number, &sealed, &c.At, &c.Reason}, func() error {
		c.Batch, c.Account = batchID(id, city, bank, number), ""
		if sealed != nil {
			_, account, err := l.openAccount(sealed, c.Number)
			if err != nil {
				return err
			}
			c.Account = account
		}
		return proceed(yield(c, nil))
	})
	return err
}
