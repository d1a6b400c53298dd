package conformance_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	banksim "onecard/connectors/bank/sim"
	bureausim "onecard/connectors/bureau/sim"
	civilsim "onecard/connectors/civil/sim"
	"onecard/connectors/conformance"
	"onecard/connectors/exchange"
	"onecard/connectors/exchange/exchangetest"
	"onecard/connectors/exchange/sim"
	outletsim "onecard/connectors/outlet/sim"
)

// scene is one partner and what the hub believes of it.
type scene struct {
	kind     card.FileKind
	office   func() (sim.Office, error)
	partner  sim.PartnerConfig
	rules    string
	faults   []sim.Fault
	subject  func(*conformance.Subject)
	options  func(*conformance.Options)
	arrange  func(t *testing.T, root string)
	noTrials bool
}

func bank() (sim.Office, error) { return banksim.New("ICBC") }

// run tests the partner of the scene.
func (s scene) run(t *testing.T) conformance.Report {
	t.Helper()
	hub := exchangetest.NewHub(t)
	cfg := s.partner
	cfg.Name, cfg.Dir, cfg.User, cfg.HubKeys, cfg.Rest = "ICBC", t.TempDir(), "onecard", hub.Login, 5*time.Millisecond
	var err error
	cfg.HubSignKey, err = sim.ParsePublicKey([]byte(hub.SignKey))
	require.NoError(t, err)
	cfg.Office, err = s.office()
	require.NoError(t, err)
	if !s.noTrials {
		cfg.Trial, err = s.office()
		require.NoError(t, err)
	}
	rules := filepath.Join(t.TempDir(), "rules.toml")
	require.NoError(t, os.WriteFile(rules, []byte(s.rules), 0o600))
	cfg.Rules, err = sim.OpenRules(rules)
	require.NoError(t, err)
	if s.arrange != nil {
		s.arrange(t, filepath.Join(cfg.Dir, "root"))
	}
	p, err := sim.Start(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	for _, f := range s.faults {
		p.Server().Inject(f)
	}
	return s.test(t, hub, p)
}

func (s scene) test(t *testing.T, hub *exchangetest.Hub, p *sim.Partner) conformance.Report {
	t.Helper()
	at, err := p.Card()
	require.NoError(t, err)
	e := hub.Endpoint(exchange.Endpoint{Partner: "ICBC", Address: at.Address, User: at.User, HostKey: at.HostKey, VerifyKey: at.SM2PublicKey,
		Stillness: 10 * time.Millisecond})
	subject := conformance.Subject{Endpoint: e, Request: s.kind}
	if s.subject != nil {
		s.subject(&subject)
	}
	options := conformance.Options{Wait: 20 * time.Second, Look: 10 * time.Millisecond, Folder: t.TempDir()}
	if s.options != nil {
		s.options(&options)
	}
	r, err := conformance.Run(t.Context(), subject, options)
	require.NoError(t, err)
	return r
}

// failed are the codes of the checks that failed.
func failed(r conformance.Report) []string {
	var codes []string
	for _, c := range r.Checks {
		if c.Outcome == conformance.Failed {
			codes = append(codes, c.Code)
		}
	}
	slices.Sort(codes)
	return codes
}

func tell(t *testing.T, r conformance.Report) {
	t.Helper()
	for _, c := range r.Checks {
		if c.Outcome != conformance.Passed {
			t.Logf("%s %s: %s", c.Outcome, c.Code, c.Found.EN)
		}
	}
}

func TestObligingPartnersAreGreen(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]scene{
		"bank":   {kind: card.AcctReq, office: bank},
		"bureau": {kind: card.CardReq, office: func() (sim.Office, error) { return bureausim.New() }},
		"civil":  {kind: card.MatchReq, office: func() (sim.Office, error) { return civilsim.New(""), nil }},
		"outlet": {kind: card.Dispatch, office: func() (sim.Office, error) { return outletsim.New(), nil }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := s.run(t)
			tell(t, r)
			require.Empty(t, failed(r))
			require.True(t, r.Green())
			require.GreaterOrEqual(t, r.Count(conformance.Passed), 40)
		})
	}
}
