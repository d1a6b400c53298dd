package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"onecard/cmd/onecard/internal/config"
	"onecard/cmd/onecard/internal/local"
	"onecard/connectors/gateway"
)

const (
	configLook   = 2 * time.Second  // between looks at the configuration file
	countsEvery  = 5 * time.Minute  // between lines with the counters
	gatewayGrace = 20 * time.Second // for files that are on their way when the gateway is stopped
)

func serveGatewayCommand(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "gateway",
		Short: "Serve SFTP to the partners that log in to us",
		Long: `Serve SFTP to the partners that log in to us: those with login_keys in the configuration. Public keys only, one account per
partner, one line of audit per operation. The configuration is looked at every two seconds: a partner that was added can log in,
one that is gone is sent away; other settings of [gateway] take a restart. A configuration with a fault changes nothing. Where the
ledger can be reached, it is told of logins, by which the hub notices a partner's silence; partners are served without it as well.

为登录到中心的合作单位提供 SFTP 服务；修改配置中的合作单位后数秒内生效，无需重启。能连上台账时记下各单位的登录时间，用来发现长时间没有动静的单位。`,
		Example: "  onecard serve gateway --config /etc/onecard/onecard.toml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runGateway(cmd.Context(), s.configFile(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
}

func runGateway(ctx context.Context, file string, out, complaints io.Writer) (err error) {
	seen := stampOf(file) // before it is read: a change in between is then found
	cfg, err := config.Load(file)
	if err != nil {
		return err
	}
	audit, err := os.OpenFile(filepath.Clean(cfg.Gateway.AuditFile), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the audit: %w", err)
	}
	defer func() { err = errors.Join(err, audit.Close()) }()
	log := slog.New(slog.NewTextHandler(complaints, nil))
	heard := newAttendance(cfg.Ledger, log)
	defer heard.keep(ctx)()
	own := gatewayConfig(cfg, audit, log)
	own.LoggedIn = heard.note
	g, err := gateway.Listen(own)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "gateway on %s, host key %s\n", g.Addr(), g.HostKey())
	watchConfig(ctx, g, file, seen, log)
	rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), gatewayGrace)
	defer cancel()
	return g.Stop(rest)
}

// gatewayConfig is what the settings mean to the gateway.
func gatewayConfig(c config.Config, audit io.Writer, log *slog.Logger) gateway.Config {
	g := c.Gateway
	return gateway.Config{
		Address: g.Listen, HostKeyFile: g.HostKeyFile, Root: g.Root, Audit: audit, Log: log, Partners: gatewayPartners(c),
		Limits: gateway.Limits{
			FileBytes: int64(g.FileBytes), Bytes: int64(g.QuotaBytes), Files: g.QuotaFiles,
			BytesPerSecond: int64(g.BytesPerSecond), OperationsPerSecond: g.OperationsPerSecond,
			Sessions: g.Sessions, PartnerSessions: g.PartnerSessions, Login: g.LoginWithin, Idle: g.IdleAfter,
		},
	}
}

func gatewayPartners(c config.Config) []gateway.Partner {
	var partners []gateway.Partner
	for _, p := range c.Partners {
		if p.LogsIn() {
			partners = append(partners, gateway.Partner{Name: p.Name, Keys: p.LoginKeys})
		}
	}
	return partners
}

// accountFolder is where the hub finds the account of a partner that logs in, and empty for one with a server of its own.
func accountFolder(c config.Config, p config.Partner) string {
	if !p.LogsIn() {
		return ""
	}
	return filepath.Join(c.Gateway.Root, p.Name)
}

// stamp tells versions of a file apart; the zero stamp is that of no file.
type stamp struct {
	at   time.Time
	size int64
}

// stampOf is the stamp of the settings in file and of the partners that were added beside it.
func stampOf(file string) stamp {
	s := addedStamp(file)
	s.add(file)
	return s
}

// addedStamp is the stamp of the partners that were added beside the settings in file.
func addedStamp(file string) stamp {
	added, _ := filepath.Glob(config.AddedFile(file, "*")) // the pattern is right
	var s stamp
	for _, name := range added {
		s.add(name)
	}
	return s
}

// add makes the stamp that of one more file; one that is not there adds nothing.
func (s *stamp) add(name string) {
	info, err := os.Stat(name)
	if err != nil {
		return
	}
	s.size += info.Size() + int64(len(name))
	if info.ModTime().After(s.at) {
		s.at = info.ModTime()
	}
}

// watchConfig takes up changes of the partners in file until ctx ends, and tells the counters now and then.
func watchConfig(ctx context.Context, g *gateway.Gateway, file string, seen stamp, log *slog.Logger) {
	look, tell := time.NewTicker(configLook), time.NewTicker(countsEvery)
	defer look.Stop()
	defer tell.Stop()
	for {
		select {
		case <-ctx.Done():
			log.Info("gateway stops", "counts", g.Counts())
			return
		case <-tell.C:
			log.Info("gateway", "counts", g.Counts())
		case <-look.C:
			if now := stampOf(file); now != seen {
				seen = now
				reloadPartners(g, file, log)
			}
		}
	}
}

func reloadPartners(g *gateway.Gateway, file string, log *slog.Logger) {
	cfg, err := config.Load(file)
	if err == nil {
		err = g.Reload(gatewayPartners(cfg))
	}
	if err != nil {
		log.Error("the changed configuration is not taken up", "error", err)
		return
	}
	log.Info("partners taken up anew", "partners", len(gatewayPartners(cfg)))
}

// gatewaySettings are the defaults, on a port of this folder's.
func (h household) gatewaySettings() (config.Gateway, error) {
	port, err := h.stack.Port("gateway")
	if err != nil {
		return config.Gateway{}, err
	}
	g := config.Default().Gateway
	g.Listen = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	g.HostKeyFile, g.Root, g.AuditFile = h.path("keys", "gateway"), h.path("gateway"), h.path("log", "gateway-audit.log")
	return g, nil
}

// gateway starts the server for partners that log in. `up` has none, but they may be added to the configuration.
func (h household) gateway(ctx context.Context) error {
	if h.options.closed {
		return nil
	}
	self, err := ownProgram("onecard")
	if err != nil {
		return err
	}
	g, err := h.gatewaySettings()
	if err != nil {
		return err
	}
	return h.stack.Launch(ctx, local.Program{Name: "gateway", Argv: []string{self, "serve", "gateway", "--config", h.path("onecard.toml")},
		Grace: gatewayGrace + 5*time.Second, Ready: func(ctx context.Context) error {
			var dialer net.Dialer
			conn, err := dialer.DialContext(ctx, "tcp", g.Listen)
			if err != nil {
				return err
			}
			return conn.Close()
		}})
}
