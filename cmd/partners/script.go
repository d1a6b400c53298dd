package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	exchange "onecard/connectors/exchange/sim"
)

// reading is what a rules file is asked.
type reading struct {
	faster float64
	write  string
}

// summary is what a rules file comes to.
type summary struct {
	Rules    int           `json:"rules"`
	Partners []string      `json:"partners"`   // that it names
	Longest  time.Duration `json:"longest_ns"` // that it keeps an answer back
}

func rulesCommand() *cobra.Command {
	var r reading
	cmd := &cobra.Command{
		Use:   "rules FILE",
		Short: "Check a rules file, and write it with its waits made shorter",
		Long: `Check a rules file against what the partners that it names can do, and print as JSON how many rules it has, whom it names and for how
long it keeps an answer back. With --write, write it again with every wait so many times as short as --faster says.`,
		Example: "  partners rules faults.toml\n  partners rules faults.toml --faster 8640 --write quick.toml",
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.ExactArgs(1)(cmd, args); err != nil || r.faster < 1 {
				return fmt.Errorf("%w: one file, and --faster not below 1", errUse)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return r.read(args[0], cmd.OutOrStdout()) },
	}
	cmd.Flags().Float64Var(&r.faster, "faster", 1, "how many times as short every wait is made")
	cmd.Flags().StringVar(&r.write, "write", "", "file to write the rules into")
	return cmd
}

func (r *reading) read(path string, out io.Writer) error {
	s, err := exchange.ReadScript(path)
	if err != nil {
		return err
	}
	s = s.Faster(r.faster)
	told := summary{Rules: s.Rules(), Partners: []string{}, Longest: s.Longest()}
	for _, name := range s.Names() {
		name, _, _ = strings.Cut(name, "/") // its test system
		if slices.Contains(told.Partners, name) {
			continue
		}
		if err := fit(s, name); err != nil {
			return fmt.Errorf("rules %s: %w", path, err)
		}
		told.Partners = append(told.Partners, name)
	}
	if err := r.save(s); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(told)
}

// fit makes sure that there is such a partner, and that it can do what it is told to.
func fit(s exchange.Script, name string) error {
	if kindOf(name) == "" {
		return fmt.Errorf("partner %q is unknown", name)
	}
	office, err := newOffice(name, "", nil)
	if err != nil {
		return err
	}
	return s.Fit(name, office)
}

func (r *reading) save(s exchange.Script) (err error) {
	if r.write == "" {
		return nil
	}
	f, err := os.OpenFile(r.write, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return s.Write(f)
}
