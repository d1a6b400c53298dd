package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
)

// configure writes the settings at the first start. A later start leaves the file as it is, unless something in it is no longer true:
// then the addresses, keys and servers of this start take their places, everything else keeps its value, and the file as it was stays
// beside it, for its comments.
func (h household) configure(context.Context) error {
	state := h.stack.State()
	if err := os.WriteFile(h.path("keys", "ledger.url"), []byte(state.DatabaseURL+"\n"), 0o600); err != nil {
		return fmt.Errorf("write the ledger's address: %w", err)
	}
	g, err := h.gatewaySettings()
	if err != nil {
		return err
	}
	return h.bringUpToDate(config.Temporal{Address: state.TemporalAddress, Namespace: state.Namespace}, g)
}

func (h household) bringUpToDate(t config.Temporal, g config.Gateway) error {
	before, err := h.settingsBefore()
	if err != nil {
		return err
	}
	now, err := h.refresh(before, t, g)
	if err != nil {
		return err
	}
	return h.writeSettings(before, now)
}

// settingsBefore reads the settings of an earlier start; at the first one they are the defaults. Partners that were added in files
// of their own stay there.
func (h household) settingsBefore() (config.Config, error) {
	c, err := config.Load(h.path("onecard.toml"))
	if card.KindOf(err) == card.NotFound {
		return config.Default(), nil
	}
	c.Partners = slices.DeleteFunc(c.Partners, func(p config.Partner) bool { return p.Added != "" })
	return c, err
}

// refresh returns the settings with what is this start's: where the ledger, Temporal, the keys and the gateway are, and the servers and
// keys of the simulated partners. Of those that are simulated no more nothing stays.
func (h household) refresh(before config.Config, t config.Temporal, g config.Gateway) (config.Config, error) {
	simulated, err := h.simulated()
	if err != nil {
		return before, err
	}
	c := before
	c.Ledger = config.Ledger{DatabaseURLFile: h.path("keys", "ledger.url")}
	c.Vault.KeyFile = h.path("keys", "vault.toml")
	c.Temporal = t
	c.Exchange = config.Exchange{Archive: h.path("exchange"), SSHKeyFile: h.path("keys", "ssh"), SignKeyFile: h.path("keys", "sign.pem")}
	c.Gateway.Listen, c.Gateway.HostKeyFile, c.Gateway.Root, c.Gateway.AuditFile = g.Listen, g.HostKeyFile, g.Root, g.AuditFile
	c.Partners = nil
	for _, p := range simulated {
		entry := p.entry(before.Partners)
		if own := h.options.layouts[p.Name]; own != nil {
			entry.Layouts = own
		}
		c.Partners = append(c.Partners, entry)
	}
	for _, p := range before.Partners {
		if !among(c.Partners, p.Name) && !h.wasSimulated(p) {
			c.Partners = append(c.Partners, p)
		}
	}
	if h.options.adjust != nil {
		h.options.adjust(&c)
	}
	return c, nil
}

func among(partners []config.Partner, name string) bool {
	return slices.ContainsFunc(partners, func(p config.Partner) bool { return p.Name == name })
}

// wasSimulated says whether a partner of the settings was a simulated one of an earlier start: it has a folder among them, and a
// server on this machine or none.
func (h household) wasSimulated(p config.Partner) bool {
	_, err := os.Stat(h.path("partners", p.Name))
	return err == nil && (p.Address == "" || strings.HasPrefix(p.Address, "127.0.0.1:"))
}

// writeSettings writes the settings when they differ from those before.
func (h household) writeSettings(before, now config.Config) error {
	old, err := toml.Marshal(before)
	if err != nil {
		return fmt.Errorf("write the settings: %w", err)
	}
	text, err := toml.Marshal(now)
	if err != nil {
		return fmt.Errorf("write the settings: %w", err)
	}
	path := h.path("onecard.toml")
	switch said, err := os.ReadFile(path); { //nolint:gosec // in the caller's own folder
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("write the settings: %w", err)
	case bytes.Equal(old, text):
		return nil
	default:
		if err := os.WriteFile(path+".before", said, 0o600); err != nil { //nolint:gosec // in the caller's own folder
			return fmt.Errorf("keep the settings before: %w", err)
		}
		_, _ = fmt.Fprintf(h.options.log, "onecard.toml: addresses, keys or simulated partners are others than before and were brought up to date; all other values "+
			"stay; the file as it was, with its comments, is %s.before (已更新地址、密钥和模拟单位，其他设置不变；原文件连同注释另存为onecard.toml.before)\n", path)
	}
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return fmt.Errorf("write the settings: %w", err)
	}
	return os.Rename(path+".new", path)
}

// simulatedFiles is how many files without an answer a simulated partner bears.
const simulatedFiles = 16

// simulatedPartner is what a simulated partner tells of itself.
type simulatedPartner struct {
	Kind                config.Kind
	Name, Address, User string
	HostKey             string   `json:"host_key"`
	SM2PublicKey        string   `json:"sm2_public_key"`
	LoginKey            string   `json:"login_key"`
	PayerAccounts       []string `json:"payer_accounts"`
	terms
}

func (h household) simulated() ([]simulatedPartner, error) {
	text, err := os.ReadFile(h.path("partners", "partners.json"))
	if err != nil {
		return nil, fmt.Errorf("read the partners: %w", err)
	}
	var list struct{ Partners []simulatedPartner }
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("read the partners: %w", err)
	}
	return list.Partners, nil
}

// entry is the partner's place in the settings; what was agreed with it before stays.
func (p simulatedPartner) entry(before []config.Partner) config.Partner {
	entry := config.DefaultPartner()
	entry.Poll, entry.Server.Stillness, entry.Concurrency = time.Second, time.Second, simulatedFiles
	if len(p.PayerAccounts) > 0 {
		entry.PayerAccount = p.PayerAccounts[0]
	}
	if i := slices.IndexFunc(before, func(b config.Partner) bool { return b.Name == p.Name }); i >= 0 {
		entry = before[i]
	}
	entry.Name, entry.Kind, entry.Bank, entry.VerifyKey = p.Name, p.Kind, bankPrefix(p.Name), p.SM2PublicKey
	entry.Address, entry.User, entry.HostKey, entry.LoginKeys = p.Address, p.User, p.HostKey, nil
	if p.LoginKey != "" {
		entry.Address, entry.User, entry.HostKey, entry.LoginKeys = "", "", "", []string{p.LoginKey}
	}
	p.set(&entry.Server)
	return entry
}

// terms is what a simulated partner tells of its server.
type terms struct {
	Manifests  string
	Packet     int
	ReadOnce   bool `json:"read_once"`
	LooseNames bool `json:"loose_names"`
	OneAtATime bool `json:"one_at_a_time"`
}

func (t terms) set(s *config.Server) {
	s.Manifests, s.Packet, s.ReadOnce, s.LooseNames, s.OneAtATime = t.Manifests, t.Packet, t.ReadOnce, t.LooseNames, t.OneAtATime
}
