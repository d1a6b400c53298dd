// Command onecard is the integration hub of a provincial social-security-card programme: it starts what a machine lacks,
// runs the processes, and is the console of programme managers, operators and clerks.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"onecard/card"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run runs one command line and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cmd := command()
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	err := cmd.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	return report(stderr, err)
}

// errUse marks a command line that cannot be meant.
var errUse = errors.New("wrong use, see --help (用法不对，请看 --help)")

// settings are the flags that every command has.
type settings struct {
	dir    string
	config string
	output string
}

// configFile is the configuration that the command reads.
func (s *settings) configFile() string {
	if s.config != "" {
		return s.config
	}
	return filepath.Join(s.dir, "onecard.toml")
}

func (s *settings) json() bool { return s.output == "json" }

func command() *cobra.Command {
	s := &settings{}
	root := &cobra.Command{
		Use:   "onecard",
		Short: "The hub of a provincial social-security-card programme (社会保障卡一卡通)",
		Long: `The hub of a provincial social-security-card programme (社会保障卡一卡通).

Exit codes: 0 done · 1 failed · 2 wrong use · 3 refused by a rule, with its reason code · 4 something cannot be reached.`,
		Example: `  onecard up                                   start everything this machine lacks, and stay
  onecard template roster -o roster.xlsx       the workbook that a city fills in
  onecard rollout create issuance --name "佛山首批" --roster roster.xlsx --as manager1
  onecard rollout preview R20261121-001`,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if s.output != "" && s.output != "text" && s.output != "json" {
				return fmt.Errorf("%w: --format is text or json", errUse)
			}
			return nil
		},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return fmt.Errorf("%w: %w", errUse, err) })
	flags := root.PersistentFlags()
	flags.StringVar(&s.dir, "dir", "var", "folder that holds all state of this machine")
	flags.StringVar(&s.config, "config", "", "configuration file; DIR/onecard.toml when empty")
	root.AddCommand(upCommand(s), doctorCommand(s), resetCommand(s), workerCommand(s), serveCommand(s), demoCommand(s), benchCommand(s),
		templateCommand(), sampleCommand(s), rolloutCommand(s), programmeCommand(s), approverCommand(s), matchCommand(s), reviewCommand(s), cardCommand(s), numbersCommand(s),
		partnerCommand(s), fileCommand(s), evidenceCommand(s), calendarCommand(s), buildServersCommand())
	return root
}

// formatFlag adds the choice between text for people and JSON for programs.
func formatFlag(cmd *cobra.Command, s *settings) {
	cmd.Flags().StringVarP(&s.output, "output", "o", "text", "text or json")
}

// exitCode says what kind of failure err is.
func exitCode(err error) int {
	if errors.Is(err, errUse) {
		return 2
	}
	switch card.KindOf(err) {
	case card.Invalid, card.NotFound, card.Conflict, card.Denied, card.Breach:
		return 3
	case card.Later, card.Unavailable:
		return 4
	case card.Internal:
	}
	return 1
}
