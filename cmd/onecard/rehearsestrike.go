package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"onecard/card"
	"onecard/cmd/onecard/internal/local"
	"onecard/connectors/postgres"
)

// tidyWithin is how long the removal of a rehearsal may take.
const tidyWithin = 2 * time.Minute

// strike ends what was started, and removes what the rehearsal had of its own unless it is to be kept.
func (st *stage) strike(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyWithin)
	defer cancel()
	var err error
	if st.stack != nil {
		err = st.stack.Stop()
	}
	if !st.marked {
		return errors.Join(err, os.RemoveAll(st.Folder))
	}
	if st.order.keep {
		st.Kept = true
		return errors.Join(err, st.real.ledger.MarkRehearsal(ctx, st.Rehearsal))
	}
	return errors.Join(err, st.real.removeRehearsal(ctx, st.Rehearsal))
}

// removeRehearsal removes what a rehearsal had of its own; its schema last, by which it is found. A folder on another machine stays.
func (h *hub) removeRehearsal(ctx context.Context, r postgres.Rehearsal) error {
	if err := local.RemoveNamespace(ctx, h.cfg.Temporal.Address, r.Namespace); err != nil {
		return err
	}
	if r.Host == hostName() && filepath.Base(r.Folder) == r.Schema {
		if err := os.RemoveAll(r.Folder); err != nil {
			return fmt.Errorf("remove the rehearsal's folder: %w", err)
		}
	}
	return h.ledger.DropRehearsal(ctx, r)
}

// clearRehearsals removes what killed rehearsals have left: of id, which the caller holds, and of others that nobody holds.
func (h *hub) clearRehearsals(ctx context.Context, id card.RolloutID, log io.Writer) error {
	all, err := h.ledger.Rehearsals(ctx)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.Kept {
			continue
		}
		if err := h.clearRehearsal(ctx, r, r.Rollout == id, log); err != nil { // the next rehearsal tries again
			_, _ = fmt.Fprintf(log, "%s could not be removed (未能清理): %v\n", r.Schema, err)
		}
	}
	return ctx.Err()
}

// clearRehearsal removes what a rehearsal has left, unless it is under way; its rollout is held by the caller or not.
func (h *hub) clearRehearsal(ctx context.Context, r postgres.Rehearsal, held bool, log io.Writer) error {
	if !held {
		release, err := h.ledger.HoldRehearsals(ctx, r.Rollout)
		if card.ReasonOf(err) == card.ReasonRehearsalRunning {
			return nil
		}
		if err != nil {
			return err
		}
		defer release()
	}
	_, _ = fmt.Fprintf(log, "remove what a killed rehearsal has left: %s (清理中断的演练)\n", r.Schema)
	return h.removeRehearsal(ctx, r)
}

// removeRehearsals removes what was kept of the rollout's rehearsals.
func (h *hub) removeRehearsals(ctx context.Context, id card.RolloutID, w io.Writer) error {
	release, err := h.ledger.HoldRehearsals(ctx, id)
	if err != nil {
		return err
	}
	defer release()
	all, err := h.ledger.Rehearsals(ctx)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(r postgres.Rehearsal) bool { return r.Rollout != id })
	slices.SortFunc(all, func(a, b postgres.Rehearsal) int { return cmp.Compare(a.Schema, b.Schema) })
	for _, r := range all {
		if err := h.removeRehearsal(ctx, r); err != nil {
			return err
		}
		_, _ = fmt.Fprintf(w, "removed %s (已删除)\n", r.Schema)
	}
	if len(all) == 0 {
		_, _ = fmt.Fprintln(w, "nothing was kept (没有保留的演练)")
	}
	return nil
}
