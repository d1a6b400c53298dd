package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/exchange"
	"onecard/connectors/postgres"
)

func fileHoldCommand(s *settings) *cobra.Command {
	var d *card.Decision
	cmd := &cobra.Command{
		Use:   "quarantine FILE --reason WHY --as WHO",
		Short: "Take a partner's file out of use before it is applied, also one that has not come yet (隔离)",
		Long: `Take a partner's file out of use before it is applied: whoever waits for it goes on waiting until two people release it.
A file that is awaited can be held before it comes.

隔离一个尚未入账的来件；已入账的不能隔离。放行需两人。`,
		Example: `  onecard file quarantine ICBC_ACCTRET_20261121_000003.txt --reason "the bank asked for it by telephone" --as operator1`,
		Args:    oneFile,
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			f, err := card.ParseFileName(args[0])
			if err != nil {
				return err
			}
			if err := h.ledger.HoldFile(cmd.Context(), f, *d); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s 已隔离，两人放行之前不会入账。\n%s is held; nothing of it is applied before two people release it\n", f.Name(), f.Name())
			return err
		}),
	}
	d = decisionFlags(cmd)
	return cmd
}

func fileReleaseCommand(s *settings) *cobra.Command {
	var d *card.Decision
	cmd := &cobra.Command{
		Use:   "release FILE --reason WHY --as WHO",
		Short: "Let a quarantined file be taken after all: one person asks, another confirms, for these very bytes (放行)",
		Long: `Let a quarantined file be taken after all. One person asks, and a second, other person confirms by the same command. It holds
for the bytes of that moment (their SM3 digest): other content needs two people again. Only what is odd about how a file
stands among others can be overruled, and a hold; a fault of the file itself (layout, digest, signature, rows) cannot.

放行须两人：一人提出，另一人以自己的名义执行同一命令复核；只对当时的内容（SM3）有效。`,
		Example: `  onecard file release ICBC_ACCTRET_20261121_000003.txt --reason "checked with the bank" --as operator1
  onecard file release ICBC_ACCTRET_20261121_000003.txt --reason "seen" --as operator2`,
		Args: oneFile,
		RunE: s.withFiles(func(cmd *cobra.Command, args []string, h *hub, x *exchange.Exchange) error {
			f, err := card.ParseFileName(args[0])
			if err != nil {
				return err
			}
			r, err := h.release(cmd.Context(), x, f, *d)
			if err != nil {
				return err
			}
			zh, en := "已提出放行，须由另一人执行同一命令复核", "the release is asked for; another person confirms it by the same command"
			if r.Done {
				zh, en = "已放行，等待它的流程随后自动取用", "it is released; whoever waits for it takes it at the next look"
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s %s。SM3 %s\n%s\n", f.Name(), zh, r.SM3, en)
			return err
		}),
	}
	d = decisionFlags(cmd)
	return cmd
}

// release lets a file go, and gives back its bytes when they lie in quarantine. Who was interrupted in between says it again.
func (h *hub) release(ctx context.Context, x *exchange.Exchange, f card.File, d card.Decision) (postgres.Release, error) {
	r, err := h.ledger.ReleaseFile(ctx, f, d)
	if err != nil || !r.Done || r.SM3 == "" {
		return r, err
	}
	return r, x.Restore(f, r.SM3)
}
