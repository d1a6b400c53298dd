package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"onecard/activities"
	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/bank"
	"onecard/connectors/bureau"
	"onecard/connectors/civil"
	"onecard/connectors/exchange"
	"onecard/connectors/exchange/desk"
	"onecard/connectors/layout"
	"onecard/connectors/outlet"
	"onecard/connectors/postgres"
	"onecard/connectors/vault"
	"onecard/worker"
)

// hub is what the commands work with.
type hub struct {
	cfg      config.Config
	calendar *card.Calendar
	vault    *vault.Vault
	ledger   *postgres.Ledger
	layouts  map[string]layout.Set // of partners with layouts of their own
}

// openHub reads the configuration and connects to the ledger.
func openHub(ctx context.Context, s *settings) (*hub, error) {
	cfg, err := config.Load(s.configFile())
	if err != nil {
		if card.KindOf(err) == card.NotFound {
			return nil, fmt.Errorf("there is no %s: start the hub with `onecard up`, or name a configuration with --config (尚未启动: 请先运行 onecard up)", s.configFile())
		}
		return nil, err
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	calendar, err := cfg.Timetable.Calendar()
	if err != nil {
		return nil, err
	}
	layouts, err := openLayouts(cfg.Partners)
	if err != nil {
		return nil, err
	}
	v, err := vault.Open(cfg.Vault.KeyFile)
	if err != nil {
		return nil, err
	}
	url, err := cfg.Ledger.DatabaseURL()
	if err != nil {
		return nil, err
	}
	l, err := postgres.Open(ctx, url, v)
	if err != nil {
		return nil, err
	}
	return &hub{cfg: cfg, calendar: calendar, vault: v, ledger: l, layouts: layouts}, nil
}

// openLayouts reads the partners' own layouts.
func openLayouts(partners []config.Partner) (map[string]layout.Set, error) {
	layouts := make(map[string]layout.Set, len(partners))
	for _, p := range partners {
		set, err := layout.OpenSet(p.Layouts...)
		if err != nil {
			return nil, fmt.Errorf("read the layouts of %s (读取 %s 的文件版式): %w", p.Name, p.Name, err)
		}
		layouts[p.Name] = set
	}
	return layouts, nil
}

func (h *hub) close() { h.ledger.Close() }

// temporal connects to the workflow engine; everything that it is given is sealed.
func (h *hub) temporal(ctx context.Context) (client.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	c, err := client.DialContext(ctx, client.Options{
		HostPort: h.cfg.Temporal.Address, Namespace: h.cfg.Temporal.Namespace,
		DataConverter: worker.DataConverter(h.vault), FailureConverter: worker.FailureConverter(h.vault),
		Logger: sdklog.NewStructuredLogger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))),
	})
	if err != nil {
		return nil, card.E(card.Unavailable, "reach Temporal at "+h.cfg.Temporal.Address, card.ReasonTemporalDown, err)
	}
	return c, nil
}

// exchange opens the file exchange with all partners.
func (h *hub) exchange() (*exchange.Exchange, error) {
	cfg := exchange.Config{Archive: h.cfg.Exchange.Archive, Written: h.ledger.FileWritten}
	for _, p := range h.cfg.Partners {
		cfg.Endpoints = append(cfg.Endpoints, endpoint(h.cfg, p))
	}
	if err := cfg.Check(); err != nil {
		return nil, fmt.Errorf("check the partners: %w", err)
	}
	return exchange.Open(cfg), nil
}

// endpoint is a partner's account as the settings have it.
func endpoint(c config.Config, p config.Partner) exchange.Endpoint {
	e := exchange.Endpoint{Partner: p.Name, Directory: accountFolder(c, p), Address: p.Address, User: p.User,
		HostKey: p.HostKey, Concurrency: p.Concurrency, SignKeyFile: c.Exchange.SignKeyFile, VerifyKey: p.VerifyKey,
		Manifests: exchange.Manifests(p.Server.Manifests), Stillness: p.Server.Stillness, Packet: p.Server.Packet, Quirks: p.Server.Quirks()}
	if !p.LogsIn() {
		e.KeyFile = cmp.Or(p.KeyFile, c.Exchange.SSHKeyFile)
	}
	return e
}

// activities wires the steps to the ledger and to the partners.
func (h *hub) activities(x *exchange.Exchange) worker.Activities {
	i := h.cfg.Issuance
	banks := map[string]activities.BankPartner{}
	a := worker.Activities{
		Rollouts: &activities.Rollouts{Decisions: h.ledger, Plans: h.ledger, Numbers: h.ledger, Policy: activities.Policy{
			Concurrency: i.Concurrency, Payouts: h.cfg.Payout.Concurrency, Banks: h.places(), Remakes: i.Remakes}},
		Bank:      &activities.Bank{Ledger: h.ledger, Banks: banks},
		Cards:     &activities.Cards{Ledger: h.ledger},
		Timetable: h.timetable(x),
		Payments: &activities.Payments{Ledger: h.ledger, Checks: h.ledger, Funds: h.ledger, Decisions: h.ledger, Paybacks: h.ledger, CutOffs: h.ledger,
			Banks: map[string]activities.PayBank{}, Now: time.Now},
	}
	for _, p := range h.cfg.Partners {
		terms := card.Terms{Partner: p.Name, AnswerWithin: p.AnswerWithin, Poll: p.Poll}
		files := desk.Desk{Exchange: x, Layouts: h.layouts[p.Name]}
		switch p.Kind {
		case config.Bank:
			c := bank.Client{Desk: files, Lister: x}
			banks[p.Bank] = activities.BankPartner{Opener: c, Activator: c, Terms: terms}
			a.Payments.Banks[p.Bank] = activities.PayBank{Payer: c, Treasurer: c, Teller: c, Returner: c, Account: p.PayerAccount, Window: h.window(p), Terms: terms}
		case config.Bureau:
			a.Bureau = &activities.Bureau{Ledger: h.ledger, Bureau: bureau.Client{Desk: files}, Terms: terms}
		case config.Civil:
			a.Civil = &activities.Civil{Ledger: h.ledger, Registry: civil.Client{Desk: files}, Terms: terms}
		case config.Outlet:
			a.Outlets = &activities.Outlets{Ledger: h.ledger, HandOvers: h.ledger, Network: outlet.Client{Desk: files, Lister: x}, Terms: terms}
		}
	}
	a.Rollouts.Outlets = a.Outlets
	a.Population = h.population(a.Civil)
	return h.withDesk(a, x)
}

// window is when a bank takes payment files. The settings have been validated.
func (h *hub) window(p config.Partner) *card.Window {
	w, err := p.Payments.Window(h.calendar)
	if err != nil {
		return nil
	}
	return w
}

// places is how many batches each bank bears at once.
func (h *hub) places() []activities.Places {
	var places []activities.Places
	for _, p := range h.cfg.Partners {
		if p.Kind == config.Bank {
			places = append(places, activities.Places{Bank: p.Bank, Batches: p.Concurrency, Hours: p.Payments != config.PayTimes{}})
		}
	}
	return places
}

// withHub makes of run what a command runs: the hub is opened before, and closed after.
func (s *settings) withHub(run func(cmd *cobra.Command, args []string, h *hub) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		h, err := openHub(cmd.Context(), s)
		if err != nil {
			return err
		}
		defer h.close()
		return run(cmd, args, h)
	}
}
