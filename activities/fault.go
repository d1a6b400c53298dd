// Package activities holds the steps of the processes that have an effect: one file per partner or ledger. Each declares
// what it needs as small interfaces whose comments are the contract; the connectors satisfy them without knowing.
// Every activity may be repeated at any point and then does only what is missing.
package activities

import (
	"cmp"
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"

	"onecard/card"
)

// fault is the last thing that an activity does with its error: it decides, by the outermost card.Error, whether Temporal
// tries again. The reason code is the type of the Temporal error; by it the edge finds the words for people.
func fault(err error) error { return faultIn(err, 0) }

// faultIn is fault for an activity that waits for a partner: while there is no answer it is tried again after poll.
func faultIn(err error, poll time.Duration) error {
	if err == nil {
		return nil
	}
	var known *card.Error
	if !errors.As(err, &known) {
		return err // nobody has said what it is, so it is tried again
	}
	kind := card.KindOf(err)
	reason := cmp.Or(string(card.ReasonOf(err)), kind.String())
	switch kind {
	case card.Later, card.Unavailable:
		return temporal.NewApplicationErrorWithOptions(err.Error(), reason, temporal.ApplicationErrorOptions{
			Cause: err, Category: categoryOf(kind), NextRetryDelay: delay(kind, poll),
		})
	case card.Invalid, card.NotFound, card.Conflict, card.Denied, card.Breach, card.Internal:
	}
	return temporal.NewNonRetryableApplicationError(err.Error(), reason, err)
}

func delay(k card.Kind, poll time.Duration) time.Duration {
	if k == card.Later {
		return poll
	}
	return 0 // as the workflow says
}

// categoryOf keeps waiting for a partner, which is no failure, out of the logs and failure metrics.
func categoryOf(k card.Kind) temporal.ApplicationErrorCategory {
	if k == card.Later {
		return temporal.ApplicationErrorCategoryBenign
	}
	return temporal.ApplicationErrorCategoryUnspecified
}
