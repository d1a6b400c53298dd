package activities

import (
	"context"
	"errors"
	"time"

	"onecard/card"
)

// PopulationPlans is the ledger's plan of a population match.
type PopulationPlans interface {
	// PlanMatch begins the match of a month, once, and returns the cities that it walks.
	PlanMatch(ctx context.Context, month card.Month, since time.Time, by string) ([]string, error)
	// PlanMatchPage returns a page of a city, which is planned once; it has no rows when the page before was the last.
	PlanMatchPage(ctx context.Context, month card.Month, city string, page, size int) (b card.BatchID, rows int, err error)
	// FinishMatch ends the match of a month.
	FinishMatch(ctx context.Context, month card.Month) error
}

// MatchDeadlines is the ledger's watch over answers that are overdue.
type MatchDeadlines interface {
	// ExpireMatch says whether the answer to a page is overdue; its people then count as unknown.
	ExpireMatch(ctx context.Context, b card.BatchID) (t card.Tally, overdue bool, err error)
	// LateMatches returns the pages whose answers are overdue.
	LateMatches(ctx context.Context) ([]card.BatchID, error)
}

// Population compares everybody who holds a card, and who was paid lately, with civil affairs.
type Population struct {
	Plans      PopulationPlans
	Deadlines  MatchDeadlines
	Civil      *Civil        // nil: there is no civil affairs
	Within     time.Duration // an answer that comes later is overdue
	PaidMonths int           // how many months back a payment is recent
	PageRows   int           // of a file
}

// CityPage names a page of a city's match; pages count from 1.
type CityPage struct {
	Month card.Month
	City  string
	Page  int
}

// MatchPage is a planned page. It has no rows when the page before was the city's last.
type MatchPage struct {
	Batch card.BatchID
	Rows  int
}

// PlanMatch begins the match of a month and returns the cities that it walks.
func (p *Population) PlanMatch(ctx context.Context, month card.Month, by string) ([]string, error) {
	cities, err := p.Plans.PlanMatch(ctx, month, month.Back(p.PaidMonths), by)
	return cities, fault(err)
}

// PlanMatchPage plans a page.
func (p *Population) PlanMatchPage(ctx context.Context, c CityPage) (MatchPage, error) {
	b, rows, err := p.Plans.PlanMatchPage(ctx, c.Month, c.City, c.Page, p.PageRows)
	return MatchPage{Batch: b, Rows: rows}, fault(err)
}

// RequestPopulation sends the people of a page to civil affairs.
func (p *Population) RequestPopulation(ctx context.Context, b card.BatchID) error {
	civil, err := p.civil()
	if err != nil {
		return fault(err)
	}
	return civil.RequestMatch(ctx, Step{Batch: b})
}

// CollectPopulation takes civil affairs' answer to a page. Past its deadline its people are unknown, and the page is not waited for any
// longer.
func (p *Population) CollectPopulation(ctx context.Context, b card.BatchID) (card.Tally, error) {
	civil, err := p.civil()
	if err != nil {
		return card.Tally{}, fault(err)
	}
	t, err := civil.collect(ctx, Step{Batch: b})
	if card.KindOf(err) != card.Later {
		return t, fault(err)
	}
	t, overdue, failed := p.Deadlines.ExpireMatch(ctx, b)
	if failed != nil || overdue {
		return t, fault(failed)
	}
	return t, faultIn(err, civil.Terms.Poll)
}

// FinishMatch ends the match of a month.
func (p *Population) FinishMatch(ctx context.Context, month card.Month) error {
	return fault(p.Plans.FinishMatch(ctx, month))
}

// civil is civil affairs with the terms of the population match.
func (p *Population) civil() (*Civil, error) {
	if p.Civil == nil {
		return nil, card.E(card.NotFound, "find civil affairs", card.ReasonPartnerUnknown, nil)
	}
	c := *p.Civil
	c.Terms.AnswerWithin = p.Within
	return &c, nil
}

// takeLate takes the answers of a partner that come after their deadline, when it is civil affairs.
func (p *Population) takeLate(ctx context.Context, partner string) error {
	if p == nil || p.Civil == nil || p.Civil.Terms.Partner != partner {
		return nil
	}
	late, err := p.Deadlines.LateMatches(ctx)
	faults := []error{err}
	for _, b := range late {
		if _, err := p.Civil.collect(ctx, Step{Batch: b}); card.KindOf(err) != card.Later {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}
