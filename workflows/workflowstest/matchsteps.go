package workflowstest

import (
	"context"
	"maps"
	"slices"

	"onecard/activities"
	"onecard/card"
)

// Page is the batch of a page of a city's match.
func Page(month card.Month, city string, page int) card.BatchID {
	return card.BatchID{Rollout: month.Match(), City: city, Bank: "000", Number: page}
}

// PlanMatch and the methods below are the activities of the population match. Each city has as many pages as the world says.
func (s *steps) PlanMatch(ctx context.Context, _ card.Month, by string) ([]string, error) {
	return slices.Sorted(maps.Keys(s.w.Pages)), s.begin(ctx, Call{By: by})
}

func (s *steps) PlanMatchPage(ctx context.Context, c activities.CityPage) (activities.MatchPage, error) {
	p := activities.MatchPage{Batch: Page(c.Month, c.City, c.Page)}
	if c.Page <= s.w.Pages[c.City] {
		p.Rows = 10
	}
	return p, s.begin(ctx, Call{Batch: p.Batch})
}

func (s *steps) RequestPopulation(ctx context.Context, b card.BatchID) error {
	return s.send(ctx, activities.Step{Batch: b})
}

func (s *steps) CollectPopulation(ctx context.Context, b card.BatchID) (card.Tally, error) {
	return card.Tally{Done: 10}, s.send(ctx, activities.Step{Batch: b})
}

func (s *steps) FinishMatch(ctx context.Context, _ card.Month) error {
	return s.begin(ctx, Call{})
}
