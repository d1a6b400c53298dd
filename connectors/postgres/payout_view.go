package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"onecard/card"
)

// Fen is the money of a subsidy rollout, or of its part at one bank, in fen. Intended is the sum of refused, withdrawn, paid,
// returned and pending; held and unknown are parts of what is pending, released is all that went to the bank.
type Fen struct {
	Intended  int64 `json:"intended"`
	Refused   int64 `json:"refused"`
	Held      int64 `json:"held"`
	Released  int64 `json:"released"`
	Paid      int64 `json:"paid"`
	Returned  int64 `json:"returned"`
	Unknown   int64 `json:"unknown"`
	Withdrawn int64 `json:"withdrawn"`
	Pending   int64 `json:"pending"`
}

func (m Money) fen() Fen {
	return Fen{
		Intended: m.Intended.Fen, Refused: m.Refused.Fen, Held: m.Held.Fen, Released: m.Released.Fen, Paid: m.Paid.Fen,
		Returned: m.Returned.Fen, Unknown: m.Unknown.Fen, Withdrawn: m.Withdrawn.Fen, Pending: m.Pending.Fen,
	}
}

// counts are the payments in the words of all rollouts: accepted is what was not refused, failed what came back.
func (m Money) counts() Counts {
	return Counts{
		Rows: m.Intended.Rows, Accepted: m.Intended.Rows - m.Refused.Rows, Refused: m.Refused.Rows, Failed: m.Returned.Rows,
		Unknown: m.Unknown.Rows, Withdrawn: m.Withdrawn.Rows, Pending: m.Planned.Rows + m.Held.Rows + m.Out.Rows,
	}
}

// Payout is what the view of a subsidy rollout has beside that of every rollout.
type Payout struct {
	Programme   string         `json:"programme"`
	ProgrammeZH string         `json:"programme_name"`
	Period      string         `json:"period"`
	Payer       string         `json:"payer"`
	NoticeDays  int            `json:"notice_days"` // by the programme as it was when the rollout was made
	NoticeUntil *time.Time     `json:"notice_until,omitempty"`
	Checked     bool           `json:"checked"`   // civil affairs and the banks have answered
	Roles       []card.Role    `json:"roles"`     // who must approve
	Approvals   []PayApproval  `json:"approvals"` // who has
	Missing     []card.Role    `json:"missing"`   // who has not, by what counts now
	Money       Money          `json:"money"`
	Banks       []BankMoney    `json:"banks"`
	Funds       []Fund         `json:"funds"`
	rules       card.Programme // as they were when the rollout was made
}

// BankMoney is the part of a subsidy rollout at one bank.
type BankMoney struct {
	Bank  string `json:"bank"`
	Money Money  `json:"money"`
	Fen   Fen    `json:"fen"`
}

// showPayout adds to the view what a subsidy rollout has beside the others. Rows refused at intake belong to no bank.
func (l *Ledger) showPayout(ctx context.Context, no int32, v *View) error {
	p := &Payout{Banks: []BankMoney{}, Funds: []Fund{}}
	var refused Sum
	if err := l.pool.QueryRow(ctx, `
		select p.programme, p.period, p.rules, p.notice_until, p.checked_at is not null, r.refused, p.refused_fen
		from payout p join rollout r on r.no = p.rollout where p.rollout = $1`, no).Scan(
		&p.Programme, &p.Period, &p.rules, &p.NoticeUntil, &p.Checked, &refused.Rows, &refused.Fen); err != nil {
		return err
	}
	p.ProgrammeZH, p.Payer, p.NoticeDays = p.rules.Name, p.rules.Payer, p.rules.Notice
	v.waitForNotice(p.NoticeUntil)
	p.Money.count(card.PayRefused, refused)
	if err := l.showPayBatches(ctx, no, v, p); err != nil {
		return err
	}
	var err error
	if err := p.showApprovals(ctx, l.pool, no); err != nil {
		return err
	}
	if p.Funds, err = funds(ctx, l.pool, no); err != nil {
		return err
	}
	fen := p.Money.fen()
	v.Payout, v.Fen, v.Counts = p, &fen, p.Money.counts()
	return nil
}

func (p *Payout) showApprovals(ctx context.Context, q querier, no int32) (err error) {
	if p.Roles, err = neededRoles(ctx, q, no); err != nil {
		return err
	}
	if p.Approvals, err = payApprovals(ctx, q, no, nil); err != nil {
		return err
	}
	p.Missing, err = missingRoles(ctx, q, no, nil)
	return err
}

func (l *Ledger) showPayBatches(ctx context.Context, no int32, v *View, p *Payout) error {
	rows, err := l.pool.Query(ctx, "select bank, rows, fen, counts from batch where rollout = $1 order by number", no)
	if err != nil {
		return err
	}
	var bank, at int
	var planned Sum
	var m Money
	byBank := map[int]int{}
	_, err = pgx.ForEachRow(rows, []any{&bank, &planned.Rows, &planned.Fen, &m}, func() error {
		if m == (Money{}) { // not begun
			m.count(card.PayPlanned, planned)
		}
		i, known := byBank[bank]
		if !known {
			i = len(p.Banks)
			byBank[bank], p.Banks = i, append(p.Banks, BankMoney{Bank: v.Batches[at].Bank})
		}
		p.Banks[i].Money.Add(m)
		p.Money.Add(m)
		v.Batches[at].Counts = m.counts()
		fen := m.fen()
		v.Batches[at].Fen = &fen
		at, m = at+1, Money{}
		return nil
	})
	for i := range p.Banks {
		p.Banks[i].Fen = p.Banks[i].Money.fen()
	}
	return err
}

// payInvariants counts the invariants of a subsidy rollout from its rows.
func (l *Ledger) payInvariants(ctx context.Context, no int32) ([]Invariant, error) {
	all := []Invariant{}
	for _, check := range payChecks() {
		v := Invariant{Name: check.name}
		if err := l.pool.QueryRow(ctx, check.query, append([]any{no}, check.args...)...).Scan(&v.Holds, &v.Figure); err != nil {
			return nil, fault("check "+check.name, err)
		}
		all = append(all, v)
	}
	approved, err := l.approvedInvariant(ctx, no)
	return append(all, approved, l.auditInvariant(ctx)), err
}

func payChecks() []invariantCheck {
	live := []any{card.PayPlanned, card.PayHeld, card.PayReleased, card.PayUnknown, card.PayPaid}
	return []invariantCheck{
		{"intended_is_paid_refused_returned_pending", `
			select p.fen = p.refused_fen + i.fen and r.rows = r.refused + i.n and i.odd = 0, p.fen || ' fen of ' || r.rows || ' rows handed in = ' || p.refused_fen
				|| ' fen of ' || r.refused || ' refused at intake + ' || i.fen || ' fen of ' || i.n || ' in batches'
			from payout p join rollout r on r.no = p.rollout, (
				select coalesce(sum(i.fen), 0) as fen, count(*) as n, count(*) filter (where i.status not in ($2, $3, $4, $5, $6, $7, $8, $9)) as odd
				from ` + itemsOfRollout + `) i where p.rollout = $1`,
			append(live, card.PayReturned, card.PayWithdrawn, card.PayRefused)},
		{"nobody_paid_twice_for_programme_and_period", `
			select count(*) = 0, count(*) || ' payments beside another' from (
				select r.person, i.row_no from ` + rowsOfRollout + ` where i.status in ($2, $3, $4, $5, $6)
				except all select e.person, e.row_no from entitlement e where e.rollout = $1 and (e.programme, e.period) = (
					select g.no, p.period from payout p join programme g on g.id = p.programme where p.rollout = $1)) x`, live},
		{"what_is_paid_was_intended", `
			select count(*) = 0, count(*) || ' items with other money than their rows' from ` + rowsOfRollout + ` where i.fen <> r.fen`, nil},
		{"every_row_sent_is_answered_or_unknown", `
			select count(*) = 0, count(*) || ' rows without answer in answered files' from exchange_file f
			join batch b on b.rollout = f.rollout and b.number = f.batch
			join payout_item i on i.city = b.city and i.rollout = f.rollout and i.batch = f.batch and i.status = $2
			where f.rollout = $1 and f.state = 'processed' and f.kind in ('PAYRET', 'PAYENR')`, []any{card.PayReleased}},
	}
}

// approvedInvariant says whether everybody had approved before money left.
func (l *Ledger) approvedInvariant(ctx context.Context, no int32) (Invariant, error) {
	v := Invariant{Name: "approved_by_every_role_before_money_left", Figure: "no money file out"}
	var out int
	var last *time.Time
	if err := l.pool.QueryRow(ctx, `
		select count(*), max(confirmed_at) from exchange_file
		where rollout = $1 and direction = 'out' and confirmed_at is not null and kind in ('PAYREQ', 'FUNDREQ') and round % 2 = 0`, no).Scan(&out, &last); err != nil {
		return v, fault("check the approvals", err)
	}
	v.Holds = true
	if out == 0 {
		return v, nil
	}
	missing, err := missingRoles(ctx, l.pool, no, last)
	v.Holds = len(missing) == 0
	v.Figure = fmt.Sprintf("%d money files out, %d roles missing", out, len(missing))
	return v, fault("check the approvals", err)
}
