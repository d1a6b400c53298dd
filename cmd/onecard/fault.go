package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"onecard/card"
)

// report tells a person what went wrong, why, and what to do now, in Chinese and English, and returns the exit code.
func report(w io.Writer, err error) int {
	err = plain(err)
	reason := card.ReasonOf(err)
	if reason == "" {
		_, _ = fmt.Fprintln(w, "onecard:", err)
		return exitCode(err)
	}
	text := reason.Text()
	_, _ = fmt.Fprintf(w, "错误 %s: %s\n  怎么办: %s\nerror %s: %s\n  what now: %s\n  detail: %v\n",
		reason, text.ZH, text.MendZH, reason, text.EN, text.MendEN, err)
	return exitCode(err)
}

// kinds tells of the reasons that come back from workflows what kind of error they are; the other reasons are refusals.
var kinds = map[card.Reason]card.Kind{
	card.ReasonSamePerson:         card.Denied,
	card.ReasonLedgerUnreachable:  card.Unavailable,
	card.ReasonPartnerUnreachable: card.Unavailable,
	card.ReasonTemporalDown:       card.Unavailable,
	card.ReasonInvariantBreach:    card.Breach,
	card.ReasonHashDiffers:        card.Breach,
}

// plain turns what Temporal's client returns into the hub's own errors.
func plain(err error) error {
	var known *card.Error
	if errors.As(err, &known) {
		return err
	}
	var path *fs.PathError
	if errors.As(err, &path) && !errors.Is(err, errUse) {
		return card.E(card.Invalid, "", card.ReasonPathUnusable, err)
	}
	var failed *temporal.ApplicationError
	if errors.As(err, &failed) {
		reason := card.Reason(failed.Type())
		return card.E(cmp.Or(kinds[reason], card.Conflict), "", reason, errors.New(failed.Message()))
	}
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return card.E(card.NotFound, "", card.ReasonNoSuchRollout, err)
	}
	var down *serviceerror.Unavailable
	var late *serviceerror.DeadlineExceeded
	if errors.As(err, &down) || errors.As(err, &late) {
		return card.E(card.Unavailable, "", card.ReasonTemporalDown, err)
	}
	return err
}
