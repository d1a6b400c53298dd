package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/emmansun/gmsm/sm3"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/layout"
	"onecard/connectors/postgres"
)

// standing says whether a partner takes part in rollouts, and if not, why.
type standing string

const (
	onboarding standing = "onboarding" // it was added, and has not gone live
	asked      standing = "asked"      // somebody asks for it to go live
	live       standing = "live"
	stale      standing = "stale" // it went live, and something was changed since
	suspended  standing = "suspended"
)

var standingZH = map[standing]string{
	onboarding: "接入中", asked: "待第二人批准", live: "已上线", stale: "配置已变动，需重新测试", suspended: "已停用",
}

func (s standing) String() string { return string(s) + " " + standingZH[s] }

// stands judges: a partner of the settings is live on the word of who wrote them, until somebody suspends it; any other is live
// when two people have said so of exactly what is configured now.
func stands(p config.Partner, s postgres.PartnerStanding, binding string) standing {
	isSuspension := func(d postgres.PartnerDecision) bool { return d.What == postgres.PartnerSuspended }
	if p.Added == "" && !slices.ContainsFunc(s.Decisions, isSuspension) {
		return live
	}
	switch last := s.Last(); last.What {
	case postgres.PartnerSuspended:
		return suspended
	case postgres.PartnerAsked:
		return asked
	case postgres.PartnerLive:
		if last.Binding == binding {
			return live
		}
		return stale
	}
	return onboarding
}

// stance is how a partner stands now.
func (h *hub) stance(ctx context.Context, p config.Partner) (standing, postgres.PartnerStanding, string, error) {
	s, err := h.ledger.PartnerStanding(ctx, p.Name)
	if err != nil {
		return "", s, "", err
	}
	binding, err := bindingOf(h.cfg, p)
	return stands(p, s, binding), s, binding, err
}

// bindingOf is the digest of all that a test is worth something for: the partner's settings with its host key, its layouts, and
// the hub's keys for it. Whom to call, and when
// payments are taken, may change freely.
func bindingOf(c config.Config, p config.Partner) (string, error) {
	var text bytes.Buffer
	for _, name := range p.Layouts {
		source, err := layoutSource(name)
		if err != nil {
			return "", fmt.Errorf("read the layouts of %s: %w", p.Name, err)
		}
		fmt.Fprintf(&text, "layout %d\n%s\n", len(source), source)
	}
	e := endpoint(c, p)
	for _, key := range []string{e.KeyFile, e.SignKeyFile} {
		if key == "" {
			continue
		}
		public, err := os.ReadFile(filepath.Clean(key + ".pub"))
		if err != nil && !os.IsNotExist(err) {
			return "", fmt.Errorf("read the hub's keys for %s: %w", p.Name, err)
		}
		fmt.Fprintf(&text, "key %s\n", strings.TrimSpace(string(public)))
	}
	p.Layouts, p.KeyFile, p.Contact, p.Payments = nil, "", "", config.PayTimes{}
	settings, err := toml.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("digest the settings of %s: %w", p.Name, err)
	}
	sum := sm3.Sum(append(text.Bytes(), settings...))
	return hex.EncodeToString(sum[:]), nil
}

func layoutSource(name string) (string, error) {
	if !filepath.IsAbs(name) {
		return layout.Source(name)
	}
	text, err := os.ReadFile(filepath.Clean(name))
	return string(text), err
}

// absent is a partner that takes no part.
type absent struct {
	Partner string      `json:"partner"`
	State   standing    `json:"state"`
	Reason  card.Reason `json:"reason"`
	bank    string
}

func (a absent) String() string {
	return fmt.Sprintf("%s: %s %s (%s)", a.Reason, a.Partner, a.State, a.Reason.Text().ZH)
}

// absentees are the partners that are not live.
func (h *hub) absentees(ctx context.Context) ([]absent, error) {
	var all []absent
	for _, p := range h.cfg.Partners {
		state, _, _, err := h.stance(ctx, p)
		if err != nil {
			return nil, err
		}
		if state != live {
			all = append(all, absent{Partner: p.Name, State: state, Reason: card.ReasonPartnerNotLive, bank: p.Bank})
		}
	}
	return all, nil
}

// lacking are the partners that a rollout needs and that are not live: the banks of its batches, and all that are no banks.
func (h *hub) lacking(ctx context.Context, v postgres.View) ([]absent, error) {
	all, err := h.absentees(ctx)
	return slices.DeleteFunc(all, func(a absent) bool {
		return a.bank != "" && !slices.ContainsFunc(v.Batches, func(b postgres.BatchView) bool { return b.Bank == a.bank })
	}), err
}

// admitted refuses to go on with a rollout that needs a partner that is not live.
func (h *hub) admitted(ctx context.Context, id card.RolloutID) error {
	v, err := h.ledger.Show(ctx, id, false)
	if err != nil {
		return err
	}
	missing, err := h.lacking(ctx, v)
	if err != nil || len(missing) == 0 {
		return err
	}
	names := make([]string, len(missing))
	for i, a := range missing {
		names[i] = fmt.Sprintf("%s is %s", a.Partner, a.State)
	}
	return card.E(card.Conflict, "rollout "+string(id), card.ReasonPartnerNotLive, fmt.Errorf("%s", strings.Join(names, "; ")))
}
