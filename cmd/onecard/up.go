package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"onecard/cmd/onecard/internal/config"
	"onecard/cmd/onecard/internal/local"
)

func upCommand(s *settings) *cobra.Command {
	var o upOptions
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start everything that this machine lacks, and stay",
		Long: `Start everything that this machine lacks, and stay until Ctrl-C: a private PostgreSQL, Temporal and its Web UI, the
simulated partners, the gateway, the worker and the codec endpoint. All state lies in the folder given by --dir. What is given by address
is used and not started. A second up in the same folder finds the first and prints its addresses.

启动本机缺少的全部组件并保持运行，按 Ctrl-C 干净退出；再次运行会显示已在运行的地址。`,
		Example: `  onecard up
  onecard up --rules rules.toml                      partners that misbehave
  onecard up --visitors RURALCOMM,OUTLET             partners without a server, which log in to the gateway
  onecard up --temporal-address 10.0.0.5:7233 --database-url postgres://onecard@10.0.0.6/onecard`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.dir, o.log = s.dir, cmd.OutOrStdout()
			return up(cmd.Context(), o)
		},
	}
	o.flags(cmd)
	return cmd
}

// upOptions say what to start.
type upOptions struct {
	dir       string
	temporal  string
	database  string
	namespace string
	rules     string
	banks     []string
	visitors  []string // of the simulated partners, those that log in to the gateway
	profile   string   // folder for the worker's CPU profile
	log       io.Writer

	adjust func(*config.Config) // changes the configuration that is written; nil leaves it
	closed bool                 // nobody logs in to the gateway: there is none
}

func (o *upOptions) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.temporal, "temporal-address", "", "use the Temporal at host:port instead of starting one")
	cmd.Flags().StringVar(&o.database, "database-url", "", "use this PostgreSQL for the ledger instead of starting one")
	cmd.Flags().StringVar(&o.namespace, "namespace", local.DefaultNamespace, "Temporal namespace; several hubs on one Temporal need one each")
	cmd.Flags().StringVar(&o.rules, "rules", "", "rules file of the simulated partners")
	cmd.Flags().StringSliceVar(&o.banks, "banks", []string{"ICBC", "ABC", "CCB", "BOC", "RURALCOMM", "PSBC"}, "banks to simulate")
	cmd.Flags().StringSliceVar(&o.visitors, "visitors", nil, "simulated partners that have no server but log in to the gateway, such as RURALCOMM")
}

// up runs the stack until ctx ends.
func up(ctx context.Context, o upOptions) error {
	st, err := startStack(ctx, o)
	if errors.Is(err, local.ErrRunning) {
		state, err := local.Find(o.dir)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(o.log, "already running (已在运行):")
		printAddresses(o.log, o.dir, state)
		return nil
	}
	if err != nil {
		return err
	}
	printAddresses(o.log, o.dir, st.State())
	_, _ = fmt.Fprintln(o.log, "ready; Ctrl-C stops everything (已就绪，按 Ctrl-C 停止)")
	return errors.Join(st.Wait(ctx), st.Stop())
}

// startStack starts servers, partners, worker and codec endpoint.
func startStack(ctx context.Context, o upOptions) (*local.Stack, error) {
	st, err := local.Start(ctx, local.Options{Dir: o.dir, TemporalAddress: o.temporal, DatabaseURL: o.database,
		Namespace: o.namespace, Log: o.log})
	if err != nil {
		return nil, err
	}
	if err := furnish(ctx, st, o); err != nil {
		return nil, errors.Join(err, st.Stop())
	}
	return st, nil
}

// furnish starts what is ours on top of the servers.
func furnish(ctx context.Context, st *local.Stack, o upOptions) error {
	home, err := filepath.Abs(o.dir)
	if err != nil {
		return err
	}
	h := household{dir: home, stack: st, options: o}
	for _, step := range []func(context.Context) error{h.keys, h.partners, h.configure, h.prepareLedger, h.gateway, h.worker, h.codec} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return st.Ready()
}

func printAddresses(w io.Writer, dir string, s local.State) {
	rows := [][2]string{{"Temporal", s.TemporalAddress}, {"Temporal Web UI", webUI(s)}, {"configuration", filepath.Join(dir, "onecard.toml")},
		{"partners (对端)", filepath.Join(dir, "partners", "partners.json")}, {"logs (日志)", filepath.Join(dir, "log")}}
	for _, r := range rows {
		if r[1] != "" {
			_, _ = fmt.Fprintf(w, "  %-18s %s\n", r[0], r[1])
		}
	}
}

// webUI is the address to open: the codec endpoint lets the browser in and sends it on to the Web UI, which then shows
// payloads in the clear.
func webUI(s local.State) string {
	if s.UIAddress == "" {
		return ""
	}
	token, err := os.ReadFile(s.CodecTokenFile)
	if err != nil {
		return s.UIAddress
	}
	return "http://" + s.CodecAddress + "/" + strings.TrimSpace(string(token))
}

func doctorCommand(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:     "doctor",
		Short:   "Say in one line each what is wrong with the hub on this machine",
		Example: "  onecard doctor",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			findings := local.Doctor(cmd.Context(), local.Options{Dir: s.dir}, checkPartners(s))
			for _, f := range findings {
				_, _ = fmt.Fprintln(cmd.OutOrStdout(), f)
			}
			if len(findings) > 0 {
				return fmt.Errorf("%d findings (发现 %d 个问题)", len(findings), len(findings))
			}
			_, _ = fmt.Fprintln(cmd.OutOrStdout(), "all well (一切正常)")
			return nil
		},
	}
}

func resetCommand(s *settings) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:     "reset",
		Short:   "Delete all state of this machine's hub: ledger, workflows, partners, keys",
		Example: "  onecard reset\n  onecard reset --yes",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !yes {
				_, _ = fmt.Fprintf(cmd.OutOrStdout(), "Delete everything in %s, the ledger and the keys too? Type yes (将删除全部数据，确认请输入 yes): ", s.dir)
				var answer string
				if _, err := fmt.Fscanln(cmd.InOrStdin(), &answer); err != nil || answer != "yes" {
					return errors.New("nothing was deleted (未删除任何数据)")
				}
			}
			return local.Reset(s.dir)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// ownProgram returns the path of a program that lies beside this one.
func ownProgram(name string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the programs: %w", err)
	}
	if name == "onecard" {
		return self, nil
	}
	path := filepath.Join(filepath.Dir(self), name)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("find %s beside onecard; `make build` makes it: %w", name, err)
	}
	return path, nil
}
