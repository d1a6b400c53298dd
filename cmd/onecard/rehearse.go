package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/postgres"
)

// rehearsalOrder is what rehearsal is wanted.
type rehearsalOrder struct {
	faults, by string
	deadline   time.Duration
	patience   time.Duration
	keep       bool
	remove     bool
}

func rehearseCommand(s *settings) *cobra.Command {
	var o rehearsalOrder
	cmd := &cobra.Command{
		Use:   "rehearse ID",
		Short: "Pay the same rows at simulated banks, apart from everything real, and say what to expect (演练)",
		Long: `Run the same roster against simulated partners, in a schema, a Temporal namespace and a folder of its own, and say how long it takes,
how much money is blocked where, and which exceptions to expect. Nothing of the rollout, of real partners and of their files is touched,
but for a line in the timeline. A subsidy can be rehearsed once it has been checked, and at any time after that; rows that are held or
refused stay so.

The faults file is a rules file of the simulated partners, see "partners --help". Waits are played faster: the shortest agreed deadline
takes as long as --deadline says, and all other deadlines and the waits in the faults file are as many times as short. The days of public
notice are counted and not waited for. What the machines do is not made faster.

用模拟银行演练同一名册：在独立的schema、Temporal命名空间和目录中进行，不触及真实的发放计划、合作单位和文件，只在时间线上记一笔。
等待按比例加快，公示天数只计入、不等待；故障文件的写法见partners --help。`,
		Example: `  onecard rollout rehearse R20261121-002 --as maker1
  onecard rollout rehearse R20261121-002 --faults testdata/partners/faults-returns.toml --as maker1 -o json
  onecard rollout rehearse R20261121-002 --faults testdata/partners/faults-silence.toml --as maker1 --deadline 1m --patience 30m
  onecard rollout rehearse R20261121-002 --as maker1 --keep       for somebody to look at
  onecard rollout rehearse R20261121-002 --remove                 when it has been looked at`,
		Args: oneID,
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			id := card.RolloutID(args[0])
			if o.remove {
				return h.removeRehearsals(cmd.Context(), id, cmd.OutOrStdout())
			}
			if err := o.check(); err != nil {
				return err
			}
			report, err := h.rehearse(cmd.Context(), s.dir, id, o, cmd.ErrOrStderr())
			if report.Result == "" {
				return err
			}
			// What was found is told also when something could not be removed after it.
			return errors.Join(err, report.tell(cmd.OutOrStdout(), s.json()), report.fault())
		}),
	}
	cmd.Flags().StringVar(&o.faults, "faults", "", "rules file of the simulated partners; without it they make no mistakes")
	cmd.Flags().StringVar(&o.by, "as", "", "who rehearses")
	cmd.Flags().DurationVar(&o.deadline, "deadline", 20*time.Second, "how long the shortest agreed deadline takes, 2s to 1h")
	cmd.Flags().DurationVar(&o.patience, "patience", 15*time.Minute, "how long it may take from the first check on, at most")
	cmd.Flags().BoolVar(&o.keep, "keep", false, "keep everything of the rehearsal, and say where")
	cmd.Flags().BoolVar(&o.remove, "remove", false, "rehearse nothing: remove what was kept of this rollout's rehearsals")
	formatFlag(cmd, s)
	return cmd
}

func (o rehearsalOrder) check() error {
	switch {
	case o.by == "":
		return fmt.Errorf("%w: --as is missing (缺少 --as)", errUse)
	case o.deadline < 2*time.Second || o.deadline > time.Hour:
		return fmt.Errorf("%w: --deadline must be from 2s to 1h (--deadline 应在 2s 至 1h 之间)", errUse)
	case o.patience < o.deadline:
		return fmt.Errorf("%w: --patience must not be shorter than --deadline (--patience 不能短于 --deadline)", errUse)
	}
	return nil
}

// rehearse rehearses a rollout and records that it did. Whatever happens, what the rehearsal had of its own is removed, unless it
// is to be kept.
func (h *hub) rehearse(ctx context.Context, dir string, id card.RolloutID, o rehearsalOrder, log io.Writer) (report rehearsalReport, err error) {
	if err := h.ledger.Rehearsable(ctx, id); err != nil {
		return report, err
	}
	release, err := h.ledger.HoldRehearsals(ctx, id)
	if err != nil {
		return report, err
	}
	defer release()
	if err := h.clearRehearsals(ctx, id, log); err != nil {
		return report, err
	}
	r, err := h.newRehearsal(dir, id, o)
	if err != nil {
		return report, err
	}
	st := &stage{real: h, Rehearsal: r, order: o, log: log}
	defer func() { err = errors.Join(err, st.strike(ctx)) }()
	if report, err = st.play(ctx); err != nil {
		return report, err
	}
	return report, h.ledger.TellRehearsal(ctx, r, report.event())
}

// newRehearsal says where the rehearsal is to have its own.
func (h *hub) newRehearsal(dir string, id card.RolloutID, o rehearsalOrder) (postgres.Rehearsal, error) {
	now := time.Now().UTC().Truncate(time.Second)
	schema := postgres.RehearsalSchema(id, now)
	folder, err := filepath.Abs(filepath.Join(dir, "rehearsals", schema))
	if err != nil {
		return postgres.Rehearsal{}, fmt.Errorf("find a folder for the rehearsal: %w", err)
	}
	return postgres.Rehearsal{Schema: schema, Rollout: id, Namespace: h.cfg.Temporal.Namespace + "-" + schema, Folder: folder, Host: hostName(),
		By: o.by, At: now}, nil
}
