package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	bank "onecard/connectors/bank/sim"
	exchange "onecard/connectors/exchange/sim"
)

type options struct {
	dir, rules, hubKey, signKey, user string
	gateway, gatewayKey               string
	partners, visitors                []string
	profiles                          map[string]string // by partner, or "*"
	layouts                           []string          // NAME=FILE, of partners with layouts of their own
}

func (o *options) check() error {
	for _, flag := range []struct{ name, value string }{
		{"dir", o.dir}, {"hub-key", o.hubKey}, {"hub-sign-key", o.signKey}, {"user", o.user},
	} {
		if flag.value == "" {
			return fmt.Errorf("%w: --%s is missing", errUse, flag.name)
		}
	}
	if _, err := o.assigned(); err != nil {
		return fmt.Errorf("%w: %w", errUse, err)
	}
	if len(o.visitors) > 0 && (o.gateway == "" || o.gatewayKey == "") {
		return fmt.Errorf("%w: --visitors needs --gateway and --gateway-key", errUse)
	}
	if len(o.partners) == 0 {
		return fmt.Errorf("%w: --partners is missing", errUse)
	}
	seen := map[string]bool{}
	for _, name := range o.partners {
		if kindOf(name) == "" {
			return fmt.Errorf("%w: partner %q is unknown", errUse, name)
		}
		if seen[name] {
			return fmt.Errorf("%w: partner %s is named twice", errUse, name)
		}
		seen[name] = true
	}
	for _, name := range o.visitors {
		if !seen[name] {
			return fmt.Errorf("%w: visitor %q is none of --partners", errUse, name)
		}
	}
	return nil
}

// assigned is which partner has which profile by the command line.
func (o *options) assigned() (exchange.Assignments, error) {
	var all exchange.Assignments
	for name, profile := range o.profiles {
		if _, err := exchange.ProfileNamed(profile); err != nil {
			return nil, err
		}
		all = append(all, exchange.Assignment{Name: name, Profile: profile})
	}
	return all, nil
}

// profileOf is the partner's profile: the command line goes before the rules file.
func (o *options) profileOf(name string) (exchange.Profile, error) {
	line, err := o.assigned()
	if err != nil {
		return exchange.Profile{}, err
	}
	file, err := exchange.ReadAssignments(o.rules)
	if err != nil {
		return exchange.Profile{}, err
	}
	return append(line, file...).For(name)
}

// kindOf is what a partner is by its name, or empty.
func kindOf(name string) string {
	switch {
	case name == "BUREAU":
		return "bureau"
	case name == "CIVIL":
		return "civil"
	case name == "OUTLET":
		return "outlet"
	case bank.Known(name):
		return "bank"
	default:
		return ""
	}
}

// listed is one partner in partners.json.
type listed struct {
	Kind     string `json:"kind"`
	LoginKey string `json:"login_key,omitempty"` // of one that has no server but logs in to the hub's
	// PayerAccounts are the accounts at a bank from which subsidies can be paid.
	PayerAccounts []string `json:"payer_accounts,omitempty"`
	exchange.Card
}

// serve runs all partners until the context ends.
func serve(ctx context.Context, o options, stdout, stderr io.Writer) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	unlock, err := lock(o.dir)
	if err != nil {
		return err
	}
	defer unlock()
	street, err := openStreet(o, slog.New(slog.NewTextHandler(stderr, nil)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, street.close()) }()
	if err := street.announce(stdout); err != nil {
		return err
	}
	<-ctx.Done()
	return os.Remove(street.list)
}

// lock makes sure that only one program runs the partners of a folder.
func lock(dir string) (func(), error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the operator names the folder
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%s is in use by another run: %w", dir, err), file.Close())
	}
	return func() { _ = file.Close() }, nil
}

// street is all partners of one program.
type street struct {
	list     string // partners.json
	names    []string
	partners []*exchange.Partner
	visitors map[string]*exchange.Visitor
	payers   exchange.Purses
}

func openStreet(o options, log *slog.Logger) (*street, error) {
	s := &street{list: filepath.Join(o.dir, "partners.json"), names: o.partners, visitors: map[string]*exchange.Visitor{}}
	// A list of a run that was killed would send the hub to addresses that may be another's by now.
	if err := os.Remove(s.list); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	template, err := o.template(log)
	if err != nil {
		return nil, err
	}
	if s.payers, err = exchange.ReadPurses(o.rules); err != nil {
		return nil, err
	}
	forms, err := o.forms()
	if err != nil {
		return nil, err
	}
	for _, name := range o.partners {
		if template.Profile, err = o.profileOf(name); err != nil {
			return nil, errors.Join(err, s.close())
		}
		template.Forms = forms[name]
		if err := s.add(template, name, o.dir); err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	if err := s.send(o, log); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// send starts the visitors of the partners that log in to the hub.
func (s *street) send(o options, log *slog.Logger) error {
	if len(o.visitors) == 0 {
		return nil
	}
	key, err := os.ReadFile(o.gatewayKey)
	if err != nil {
		return fmt.Errorf("gateway key: %w", err)
	}
	for _, name := range o.visitors {
		s.visitors[name], err = exchange.StartVisitor(exchange.VisitorConfig{
			Partner: name, Dir: filepath.Join(o.dir, name), Address: o.gateway, HostKey: string(key), Log: log})
		if err != nil {
			delete(s.visitors, name)
			return err
		}
	}
	return nil
}

// template is what all partners have in common.
func (o *options) template(log *slog.Logger) (exchange.PartnerConfig, error) {
	none := exchange.PartnerConfig{}
	keys, err := os.ReadFile(o.hubKey)
	if err != nil {
		return none, fmt.Errorf("hub key: %w", err)
	}
	text, err := os.ReadFile(o.signKey)
	if err != nil {
		return none, fmt.Errorf("hub sign key: %w", err)
	}
	signKey, err := exchange.ParsePublicKey(text)
	if err != nil {
		return none, fmt.Errorf("hub sign key: %w", err)
	}
	rules, err := exchange.OpenRules(o.rules)
	if err != nil {
		return none, err
	}
	return exchange.PartnerConfig{User: o.user, HubKeys: keys, HubSignKey: signKey, Rules: rules, Log: log}, nil
}

func (s *street) add(cfg exchange.PartnerConfig, name, dir string) error {
	office, err := newOffice(name, dir, s.payers)
	if err != nil {
		return err
	}
	if cfg.Trial, err = newOffice(name, dir, s.payers); err != nil {
		return err
	}
	cfg.Name, cfg.Office, cfg.Dir = name, office, filepath.Join(dir, name)
	p, err := exchange.Start(cfg)
	if err != nil {
		return err
	}
	s.partners = append(s.partners, p)
	return nil
}

// announce writes partners.json and one line for each partner.
func (s *street) announce(stdout io.Writer) error {
	var cards struct {
		Partners []listed `json:"partners"`
	}
	for i, p := range s.partners {
		card, err := p.Card()
		if err != nil {
			return err
		}
		if card.Ledger, err = filepath.Abs(card.Ledger); err != nil {
			return err
		}
		one := listed{Kind: kindOf(s.names[i]), Card: card, PayerAccounts: payerAccounts(s.names[i], s.payers)}
		if v := s.visitors[s.names[i]]; v != nil {
			one.LoginKey = v.LoginKey()
		}
		cards.Partners = append(cards.Partners, one)
	}
	text, err := json.MarshalIndent(cards, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.list+".tmp", append(text, '\n'), 0o600); err != nil {
		return err
	}
	if err := os.Rename(s.list+".tmp", s.list); err != nil {
		return err
	}
	for _, c := range cards.Partners {
		if _, err := fmt.Fprintf(stdout, "%-10s %-7s sftp://%s@%s\n", c.Name, c.Kind, c.User, c.Address); err != nil {
			return err
		}
	}
	return nil
}

func (s *street) close() error {
	var errs []error
	for _, v := range s.visitors {
		errs = append(errs, v.Close())
	}
	for _, p := range s.partners {
		errs = append(errs, p.Close())
	}
	return errors.Join(errs...)
}
