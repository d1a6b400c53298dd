package postgres

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"onecard/card"
)

// Sample is a sample of the paid rows of a rollout, and what its verification has found so far.
type Sample struct {
	No         int                 `json:"no"`
	Seed       int64               `json:"seed"`
	Confidence float64             `json:"confidence"`
	Margin     float64             `json:"margin"` // that its size was chosen for
	Population int                 `json:"population"`
	Size       int                 `json:"size"`
	By         string              `json:"by"`
	At         time.Time           `json:"at"`
	Confirmed  int                 `json:"confirmed"`
	Wrong      int                 `json:"wrong"`
	NotReached int                 `json:"not_reached"`
	Estimate   card.SampleEstimate `json:"estimate"` // of the share of wrong rows, from those that were reached
}

// Open is how many rows have no result yet.
func (s Sample) Open() int { return s.Size - s.Confirmed - s.Wrong - s.NotReached }

// SampledRow is a row of a sample in the clear.
type SampledRow struct {
	Sample  int
	Row     int
	City    string
	Bank    string
	Person  card.Person
	Fen     int64
	Outcome card.SampleOutcome // "" before its result
	Note    string
}

// SampleResult is what was found out about a sampled row.
type SampleResult struct {
	Sample  int
	Row     int
	Outcome card.SampleOutcome
	Note    string
}

// DrawSample draws a sample of the paid rows. The same seed draws the same rows of the same population: those whose SHA-256 of
// "seed:row" are the lowest, which anybody can compute again.
func (l *Ledger) DrawSample(ctx context.Context, id card.RolloutID, plan card.SamplePlan, seed int64, by string) (s Sample, err error) {
	err = l.tx(ctx, "draw a sample", func(tx pgx.Tx) error {
		r, err := lockRollout(ctx, tx, id)
		if err != nil {
			return err
		}
		var population int
		if err := tx.QueryRow(ctx, "select count(*) from "+itemsOfRollout+" where i.status = $2", r.no, card.PayPaid).Scan(&population); err != nil {
			return err
		}
		if err := plan.Check(population); err != nil {
			return err
		}
		s = Sample{Seed: seed, Confidence: plan.Confidence, Margin: plan.Margin, Population: population, Size: plan.Size(population), By: by, At: l.now()}
		if err := tx.QueryRow(ctx, `
			insert into payout_sample (rollout, seed, confidence, margin, population, size, by_whom, at) values ($1, $2, $3, $4, $5, $6, $7, $8) returning no`,
			r.no, s.Seed, s.Confidence, s.Margin, s.Population, s.Size, s.By, s.At).Scan(&s.No); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			insert into payout_sample_row (sample, city, rollout, row_no) select $2, i.city, i.rollout, i.row_no from `+itemsOfRollout+`
			where i.status = $3 order by sha256(convert_to($4::bigint || ':' || i.row_no, 'UTF8')), i.row_no limit $5`,
			r.no, s.No, card.PayPaid, seed, s.Size); err != nil {
			return err
		}
		return l.audit(ctx, tx, by, "rollout.sample", string(id), fmt.Sprintf("sample %d: %d of %d rows, seed %d, confidence %g, margin %g",
			s.No, s.Size, s.Population, s.Seed, s.Confidence, s.Margin))
	})
	return s, err
}

const selectSamples = `
	select s.no, s.seed, s.confidence, s.margin, s.population, s.size, s.by_whom, s.at, count(*) filter (where w.outcome = 'confirmed'),
		count(*) filter (where w.outcome = 'wrong'), count(*) filter (where w.outcome = 'not_reached')
	from payout_sample s join payout_sample_row w on w.sample = s.no where s.rollout = $1 group by s.no order by s.no`

func readSamples(ctx context.Context, q querier, no int32) ([]Sample, error) {
	rows, err := q.Query(ctx, selectSamples, no)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (s Sample, err error) {
		err = r.Scan(&s.No, &s.Seed, &s.Confidence, &s.Margin, &s.Population, &s.Size, &s.By, &s.At, &s.Confirmed, &s.Wrong, &s.NotReached)
		s.Estimate = card.SamplePlan{Confidence: s.Confidence, Margin: s.Margin}.Estimate(s.Wrong, s.Confirmed+s.Wrong, s.Population)
		return s, err
	})
}

// Samples returns the samples of a rollout, oldest first.
func (l *Ledger) Samples(ctx context.Context, id card.RolloutID) ([]Sample, error) {
	no, err := rolloutNo(ctx, l.pool, id)
	if err != nil {
		return nil, fault("list the samples", err)
	}
	all, err := readSamples(ctx, l.pool, no)
	return all, fault("list the samples", err)
}

// Samples reads the samples and what their verification found.
func (e *Evidence) Samples(ctx context.Context) ([]Sample, error) {
	return readSamples(ctx, e.tx, e.no)
}

// SampledRows returns the rows of a sample of the rollout in the clear, by row.
func (l *Ledger) SampledRows(ctx context.Context, id card.RolloutID, sample int) iter.Seq2[SampledRow, error] {
	return func(yield func(SampledRow, error) bool) {
		finish(fault("read the sample", l.sampledRows(ctx, id, sample, yield)), yield)
	}
}

func (l *Ledger) sampledRows(ctx context.Context, id card.RolloutID, sample int, yield func(SampledRow, error) bool) error {
	rows, err := l.pool.Query(ctx, `
		select w.row_no, r.city, r.bank, r.fen, r.person, p.sealed, coalesce(w.outcome, ''), w.note from payout_sample_row w
		join rollout o on o.no = w.rollout and o.id = $1 `+itemOf("w")+`
		cross join lateral (select * from payout_row r where r.city = i.city and r.rollout = i.rollout and r.batch = i.batch and r.row_no = i.row_no offset 0) r
		join person p on p.person = r.person
		where w.sample = $2 order by w.row_no`, string(id), sample)
	if err != nil {
		return err
	}
	r := SampledRow{Sample: sample}
	var s scope
	var bank int16
	var person, sealed pgtype.DriverBytes
	_, err = pgx.ForEachRow(rows, []any{&r.Row, &s.city, &bank, &r.Fen, &person, &sealed, &r.Outcome, &r.Note}, func() error {
		a, err := l.openApplication(sealed, person, s, "", "", bank, int32(r.Row)) //nolint:gosec // a row number
		if err != nil {
			return err
		}
		r.City, r.Bank, r.Person = a.City, a.Bank, a.Person
		return proceed(yield(r, nil))
	})
	return err
}

// RecordSample records what was found out about rows of a sample. A row that is not in a sample of the rollout refuses all;
// recording the same again changes nothing, and another outcome replaces the one before.
func (l *Ledger) RecordSample(ctx context.Context, id card.RolloutID, results []SampleResult, by string) error {
	return l.tx(ctx, "record the results of a sample", func(tx pgx.Tx) error {
		r, err := lockRollout(ctx, tx, id)
		if err != nil {
			return err
		}
		changed := 0
		for _, found := range results {
			fresh, err := l.recordSample(ctx, tx, r, found, by)
			if err != nil {
				return err
			}
			changed += fresh
		}
		if changed == 0 {
			return nil
		}
		return l.audit(ctx, tx, by, "rollout.sample_results", string(id), fmt.Sprintf("%d results", changed))
	})
}

func (l *Ledger) recordSample(ctx context.Context, tx pgx.Tx, r rollout, found SampleResult, by string) (changed int, err error) {
	var there bool
	err = tx.QueryRow(ctx, `
		with old as (select outcome, note from payout_sample_row where sample = $1 and rollout = $2 and row_no = $3),
		done as (update payout_sample_row set outcome = $4, note = $5, by_whom = $6, at = $7
			where sample = $1 and rollout = $2 and row_no = $3 and (outcome, note) is distinct from ($4, $5) returning 1)
		select exists (select from old), (select count(*) from done)`,
		found.Sample, r.no, found.Row, string(found.Outcome), found.Note, by, l.now()).Scan(&there, &changed)
	if err == nil && (!there || found.Outcome.Name().ZH == "") {
		err = card.E(card.Invalid, fmt.Sprintf("record row %d of sample %d", found.Row, found.Sample), card.ReasonSampleResults, nil)
	}
	return changed, err
}
