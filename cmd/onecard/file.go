package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/exchange"
	"onecard/connectors/postgres"
)

func fileCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "file",
		Short: "Look at exchanged files and decide about them (交换文件)",
		Example: `  onecard file list --partner ICBC --since 2h
  onecard file show ICBC_ACCTRET_20261121_000003.txt
  onecard file quarantine ICBC_ACCTRET_20261121_000003.txt --reason "the bank asked for it" --as operator1
  onecard file release ICBC_ACCTRET_20261121_000003.txt --reason "checked with the bank" --as operator1
  onecard file reissue ICBC_ACCTREQ_20261121_000003.txt --reason "refused for a key that has been changed" --as operator1
  onecard file rejoin usb/ICBC_ACCTRET_20261121_000003.txt --partner ICBC --reason "came by e-mail" --as operator1`,
	}
	cmd.AddCommand(fileListCommand(s), fileShowCommand(s), fileHoldCommand(s), fileReleaseCommand(s), fileReissueCommand(s), fileRejoinCommand(s))
	return cmd
}

// oneFile wants one argument that names a file.
func oneFile(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%w: give the name of one file, such as ICBC_ACCTRET_20261121_000003.txt", errUse)
	}
	return nil
}

// withFiles makes of run what a command runs that also needs the archive and the partners.
func (s *settings) withFiles(run func(cmd *cobra.Command, args []string, h *hub, x *exchange.Exchange) error) func(*cobra.Command, []string) error {
	return s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
		x, err := h.exchange()
		if err != nil {
			return err
		}
		return errors.Join(run(cmd, args, h, x), x.Close())
	})
}

// partner is what was agreed with a partner.
func (h *hub) partner(name string) (config.Partner, error) {
	i := slices.IndexFunc(h.cfg.Partners, func(p config.Partner) bool { return p.Name == name })
	if i < 0 {
		return config.Partner{}, card.E(card.NotFound, "find the partner "+name, card.ReasonPartnerUnknown, nil)
	}
	return h.cfg.Partners[i], nil
}

// decisionFlags adds who decides, and why.
func decisionFlags(cmd *cobra.Command) *card.Decision {
	d := &card.Decision{}
	cmd.Flags().StringVar(&d.By, "as", "", "who decides (经办人)")
	cmd.Flags().StringVar(&d.Note, "reason", "", "why, for the file's record and the timeline (原因)")
	require(cmd, "as", "reason")
	return d
}

func fileListCommand(s *settings) *cobra.Command {
	var by postgres.FileFilter
	var rollout, since string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List files, the newest first: written, confirmed, acknowledged, processed, and when",
		Long: `List files, the newest first. A file of ours is written (named and archived), confirmed (read back at the partner),
acknowledged (the partner has taken it) and processed (its answer is applied); one that comes is seen, confirmed (archived
and checked), processed (applied) and acknowledged (our receipt is at the partner). Either may be quarantined, ours withdrawn.

列出交换文件及各阶段时间：写成、确认、签收、入账；隔离与撤回的注明原因。`,
		Example: `  onecard file list
  onecard file list --partner ICBC --direction in --state quarantined
  onecard file list --rollout R20261121-001 --kind ACCTREQ
  onecard file list --since 2026-11-20 -o json`,
		Args: cobra.NoArgs,
		RunE: s.withHub(func(cmd *cobra.Command, _ []string, h *hub) (err error) {
			by.Rollout = card.RolloutID(rollout)
			if by.Since, err = sinceWhen(since, time.Now()); err != nil {
				return err
			}
			if err := checkFilter(by); err != nil {
				return err
			}
			files, err := h.ledger.FindFiles(cmd.Context(), by)
			if err != nil {
				return err
			}
			if s.json() {
				return writeJSON(cmd.OutOrStdout(), append([]postgres.FileRecord{}, files...))
			}
			return fileTable(files).write(cmd.OutOrStdout())
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&by.Partner, "partner", "", "of this partner (合作单位)")
	flags.StringVar(&by.Direction, "direction", "", "in or out (方向)")
	flags.StringVar(&by.Stage, "state", "", strings.Join(postgres.FileStages(), ", ")+" (状态)")
	flags.StringVar(&by.Kind, "kind", "", "such as ACCTREQ (种类)")
	flags.StringVar(&rollout, "rollout", "", "of this rollout (发放计划)")
	flags.StringVar(&since, "since", "", "from this day YYYY-MM-DD, time, or age such as 2h on (起始)")
	flags.IntVar(&by.Limit, "limit", 200, "at most so many (最多条数)")
	formatFlag(cmd, s)
	return cmd
}

// checkFilter refuses a filter that can pick nothing.
func checkFilter(by postgres.FileFilter) error {
	switch {
	case by.Direction != "" && by.Direction != "in" && by.Direction != "out":
		return fmt.Errorf("%w: --direction is in or out", errUse)
	case by.Stage != "" && !slices.Contains(postgres.FileStages(), by.Stage):
		return fmt.Errorf("%w: --state is one of %s", errUse, strings.Join(postgres.FileStages(), ", "))
	case by.Rollout != "" && !by.Rollout.Valid():
		return fmt.Errorf("%w: %q is no ID of a rollout, such as R20261121-001", errUse, string(by.Rollout))
	}
	return nil
}

// sinceWhen reads a day in Asia/Shanghai, a time, or an age.
func sinceWhen(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if age, err := time.ParseDuration(text); err == nil {
		return now.Add(-age), nil
	}
	for _, form := range []string{time.DateOnly, "20060102", time.RFC3339} {
		if t, err := time.ParseInLocation(form, text, postgres.Shanghai); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%w: --since is a day such as 2026-11-20, a time, or an age such as 2h", errUse)
}
