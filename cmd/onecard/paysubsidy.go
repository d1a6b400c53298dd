package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"onecard/card"
	"onecard/connectors/postgres"
	"onecard/workflows"
)

// paySubsidy runs a subsidy from its roster to its start: taken in, checked, submitted and approved by everybody who must, each with
// a key of their own in dir. told hears of each phase that has ended.
func (h *hub) paySubsidy(ctx context.Context, dir string, o subsidyOrder, p *progress, told func(phase, by string)) (card.RolloutID, error) {
	id, err := h.createSubsidy(ctx, o, p)
	if err != nil {
		return id, err
	}
	told("intake", o.by)
	if err := h.awaitChecks(ctx, id); err != nil {
		return id, err
	}
	told("checks", "")
	return id, h.decideAll(ctx, dir, id, o.by, func(r card.Role) string { return string(r) + "1" }, told)
}

// decideAll has a subsidy that was checked submitted by its maker, approved in every role that is needed by whom names names, with a
// key that is kept in dir, and started.
func (h *hub) decideAll(ctx context.Context, dir string, id card.RolloutID, maker string, names func(card.Role) string, told func(phase, by string)) error {
	if _, err := h.decide(ctx, id, workflows.UpdateSubmit, card.Decision{By: maker}); err != nil {
		return err
	}
	told("submit", maker)
	if err := h.approveByAll(ctx, dir, id, names, told); err != nil {
		return err
	}
	if _, err := h.decide(ctx, id, workflows.UpdateStart, card.Decision{By: maker}); err != nil {
		return err
	}
	told("start", maker)
	return nil
}

// awaitChecks waits until civil affairs and the banks have answered.
func (h *hub) awaitChecks(ctx context.Context, id card.RolloutID) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		v, err := h.ledger.Show(ctx, id, false)
		if err != nil || v.Payout.Checked {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// approveByAll has one person in each role that is needed approve what was submitted.
func (h *hub) approveByAll(ctx context.Context, dir string, id card.RolloutID, names func(card.Role) string, told func(phase, by string)) error {
	v, err := h.ledger.Show(ctx, id, false)
	if err != nil {
		return err
	}
	hash, err := hex.DecodeString(v.ContentHash)
	if err != nil {
		return fmt.Errorf("read the content's hash: %w", err)
	}
	for _, role := range v.Payout.Roles {
		d := card.Decision{By: names(role), Role: role}
		key := (&settings{dir: dir}).approverKey(d.By, role)
		a := postgres.Approver{Name: d.By, Role: role, AddedBy: "security1"}
		if a.PublicKey, err = makeApproverKey(key); err != nil {
			return err
		}
		if err := h.ledger.AddApprover(ctx, a); err != nil {
			return err
		}
		if d.Signature, err = signApproval(key, id, role, hash); err != nil {
			return err
		}
		if _, err := h.decide(ctx, id, workflows.UpdateApprove, d); err != nil {
			return err
		}
		told("approve", d.By)
	}
	return nil
}
