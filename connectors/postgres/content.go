package postgres

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash"

	"github.com/emmansun/gmsm/sm3"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"onecard/card"
)

// content takes the SM3 hash of a batch's rows: everything that the roster said of them, sealed text included.
type content struct {
	h   hash.Hash
	buf []byte
}

func newContent() *content { return &content{h: sm3.New()} }

// add takes one row in. Fields are length-prefixed, so that none can flow into the next.
func (c *content) add(row int32, bank int16, outlet, mode string, person, sealed []byte) {
	b := binary.BigEndian.AppendUint32(c.buf[:0], uint32(row)) //nolint:gosec // bits, not a number
	b = binary.BigEndian.AppendUint16(b, uint16(bank))         //nolint:gosec // bits, not a number
	for _, field := range [][]byte{[]byte(outlet), []byte(mode), person, sealed} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(field))) //nolint:gosec // a cell is short
		b = append(b, field...)
	}
	c.buf = b
	c.h.Write(b)
}

func (c *content) sum() []byte { return c.h.Sum(nil) }

// hashContent hashes the content of each batch, keeps the hashes beside the batches, and returns the hash over them all.
func (l *Ledger) hashContent(ctx context.Context, tx pgx.Tx, r rollout) ([]byte, error) {
	hashOf := hashBatch
	if r.kind == KindSubsidy {
		hashOf = hashPayments
	}
	rows, err := tx.Query(ctx, "select number, city from batch where rollout = $1 and kind <> 'remake' order by number", r.no)
	if err != nil {
		return nil, err
	}
	type key struct{ Number, City int32 }
	batches, err := pgx.CollectRows(rows, pgx.RowToStructByPos[key])
	if err != nil {
		return nil, err
	}
	for _, b := range batches {
		hash, err := hashOf(ctx, tx, r.no, b.City, b.Number)
		if err != nil {
			return nil, err
		}
		if _, err := tx.Exec(ctx, "update batch set hash = $3 where rollout = $1 and number = $2", r.no, b.Number, hash); err != nil {
			return nil, err
		}
	}
	return hashOfHashes(ctx, tx, r.no, r.kind)
}

// hashBatch hashes the rows that were planned into the batch, wherever a remake has taken them since.
func hashBatch(ctx context.Context, q querier, no, city, home int32) ([]byte, error) {
	rows, err := q.Query(ctx, `
		with recursive family(number) as (
			select $3::integer union all
			select b.number from batch b join family f on b.parent = f.number where b.rollout = $2)
		select r.row_no, r.bank, r.outlet, r.mode, r.person, r.sealed
		from family f join issuance_item i on i.city = $1 and i.rollout = $2 and i.batch = f.number and i.home = $3
		join roster_row r using (city, rollout, row_no) order by r.row_no`, city, no, home)
	if err != nil {
		return nil, err
	}
	c := newContent()
	var (
		row            int32
		bank           int16
		outlet, mode   string
		person, sealed pgtype.DriverBytes
	)
	_, err = pgx.ForEachRow(rows, []any{&row, &bank, &outlet, &mode, &person, &sealed}, func() error {
		c.add(row, bank, outlet, mode, person, sealed)
		return nil
	})
	return c.sum(), err
}

// hashOfHashes is what an approval is bound to: the batches' numbers and hashes in order; of payments also the programme's rules
// and the period.
func hashOfHashes(ctx context.Context, q querier, no int32, kind string) ([]byte, error) {
	rows, err := q.Query(ctx, "select number, coalesce(hash, '') from batch where rollout = $1 and kind <> 'remake' order by number", no)
	if err != nil {
		return nil, err
	}
	h := sm3.New()
	var number int32
	var sum []byte
	_, err = pgx.ForEachRow(rows, []any{&number, &sum}, func() error {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(number))) //nolint:gosec // bits, not a number
		h.Write(sum)
		return nil
	})
	if err != nil || kind != KindSubsidy {
		return h.Sum(nil), err
	}
	var rules string
	err = q.QueryRow(ctx, "select programme || ' ' || period || ' ' || rules::text from payout where rollout = $1", no).Scan(&rules)
	h.Write([]byte(rules))
	return h.Sum(nil), err
}

// approvedByAnother is the SQL by which an approval a of a rollout r counts: given by somebody other than its maker and its
// submitter, and in the audit chain.
const approvedByAnother = `a.by_whom not in (r.made_by, r.submitted_by) and exists (
			select from audit l where l.action = 'rollout.approved' and l.subject = r.id and l.who = a.by_whom
			and l.detail = 'content sm3 ' || encode(a.hash, 'hex'))`

// released makes sure that a file may leave: somebody other than the maker and the submitter has approved the hash that
// the batches' hashes still make. That the batch's rows still make the batch's hash is checked while they are read.
func released(ctx context.Context, q querier, no int32) error {
	now, err := hashOfHashes(ctx, q, no, KindIssuance)
	if err != nil {
		return err
	}
	var approved []byte
	err = q.QueryRow(ctx, `
		select a.hash from approval a join rollout r on r.no = a.rollout
		where a.rollout = $1 and `+approvedByAnother+` order by a.at limit 1`, no).Scan(&approved)
	if err != nil {
		return card.E(card.Breach, "release a file", card.ReasonNotApproved, err)
	}
	return expectSame(now, approved)
}

func expectSame(now, then []byte) error {
	if bytes.Equal(now, then) {
		return nil
	}
	return card.E(card.Breach, "compare the content with its approval", card.ReasonHashDiffers, nil)
}
