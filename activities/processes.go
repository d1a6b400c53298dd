package activities

import (
	"context"
	"time"

	"onecard/card"
)

// processPoll is how often it is looked whether a workflow has ended.
const processPoll = 2 * time.Second

// Engine runs workflows.
type Engine interface {
	// Ended says whether no workflow of the ID is at work, and then whether the last one came to its end without error.
	Ended(ctx context.Context, workflowID string) (ended, completed bool, err error)
}

// Processes looks after workflows that are nobody's children.
type Processes struct{ Engine Engine }

// AwaitProcess is over when no workflow of the ID is at work, and says whether the last one came to its end.
func (p *Processes) AwaitProcess(ctx context.Context, workflowID string) (completed bool, err error) {
	ended, completed, err := p.Engine.Ended(ctx, workflowID)
	if err == nil && !ended {
		err = card.E(card.Later, "wait for the end of "+workflowID, "", nil)
	}
	return completed, faultIn(err, processPoll)
}
