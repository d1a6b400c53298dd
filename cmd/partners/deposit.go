package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	bank "onecard/connectors/bank/sim"
)

// depositsOf is where it stands what was paid into the accounts of a simulated bank's payers.
func depositsOf(dir, name string) string { return filepath.Join(dir, name, "deposits.csv") }

func depositCommand() *cobra.Command {
	var dir, partner, account string
	var fen int64
	cmd := &cobra.Command{
		Use:   "deposit --dir DIR --partner BANK --fen N",
		Short: "Pay money into a payer's account at a simulated bank",
		Long: `Pay money into an account from which subsidies are paid, as the payer does who provides for what is short. The bank knows it from its
next FUNDREQ on. It can be told while the partners run.`,
		Example: "  partners deposit --dir var/partners --partner ICBC --fen 5000000",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dir == "" || kindOf(partner) != "bank" {
				return fmt.Errorf("%w: --dir, and --partner with a bank's name", errUse)
			}
			if account == "" {
				account = bank.PayerAccount(partner)
			}
			if err := bank.Deposit(depositsOf(dir, partner), account, fen); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "paid in: %d fen at %s (已存入)\n", fen, partner)
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&dir, "dir", "", "folder that holds everything of the partners")
	flags.StringVar(&partner, "partner", "", "the bank, such as ICBC")
	flags.StringVar(&account, "account", "", "the payer's account; the one that the bank has without a rules file when empty")
	flags.Int64Var(&fen, "fen", 0, "how much, in fen")
	return cmd
}
