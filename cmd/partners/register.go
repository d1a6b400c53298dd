package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	civil "onecard/connectors/civil/sim"
)

// registerOf is where the simulated civil affairs keeps what it knows of single people.
func registerOf(dir string) string { return filepath.Join(dir, "CIVIL", "register.csv") }

func registerCommand() *cobra.Command {
	var dir string
	var e civil.Entry
	cmd := &cobra.Command{
		Use:   "register --dir DIR --number N --fate FATE",
		Short: "Tell civil affairs that somebody has died, bears another name, is unknown, or lives after all",
		Long: `Tell the simulated civil affairs what it knows of a person from its next file on: deceased, renamed, unregistered, or alive after
all. It can be told while the partners run. The last word about a person counts.`,
		Example: `  partners register --dir var/partners --number 440600199001010015 --fate deceased --died 20261020
  partners register --dir var/partners --number 440600199001010015 --fate alive`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dir == "" {
				return fmt.Errorf("%w: --dir is missing", errUse)
			}
			if err := civil.Enter(registerOf(dir), e); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "noted as %s, from the next file on (已登记，从下一个文件起生效)\n", e.Fate)
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&dir, "dir", "", "folder that holds everything of the partners")
	flags.StringVar(&e.Number, "number", "", "number of the identity document")
	flags.StringVar((*string)(&e.Fate), "fate", "", "alive, deceased, renamed or unregistered")
	flags.StringVar(&e.Died, "died", "", "day of death, YYYYMMDD; one in the last year when empty")
	return cmd
}
