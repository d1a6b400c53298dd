package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	must "github.com/stretchr/testify/require" // the package has a require of its own

	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/exchange"
	"onecard/connectors/postgres"
)

// clerk adds partners to settings of its own.
type clerk struct {
	*testing.T
	dir string
}

func newClerk(t *testing.T) clerk {
	t.Helper()
	c := clerk{t, t.TempDir()}
	_, err := exchange.GenerateKey(c.path("sign.key"))
	must.NoError(t, err)
	must.NoError(t, generateSSH(c.path("ssh.key")))
	c.write("onecard.toml", "# by hand\n")
	c.write("sm2", "0432c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0\n")
	c.write("host.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTEx\n")
	return c
}

func (c clerk) path(name string) string { return filepath.Join(c.dir, name) }

func (c clerk) write(name, text string) {
	c.Helper()
	must.NoError(c, os.WriteFile(c.path(name), []byte(text), 0o600))
}

func (c clerk) add(args ...string) (string, int) {
	c.Helper()
	var out bytes.Buffer
	code := run(c.Context(), append([]string{"--dir", c.dir, "partner", "add"}, args...), &out, &out)
	return out.String(), code
}

func (c clerk) last() config.Partner {
	c.Helper()
	settings, err := config.Load(c.path("onecard.toml"))
	must.NoError(c, err)
	must.NotEmpty(c, settings.Partners)
	return settings.Partners[len(settings.Partners)-1]
}

func (c clerk) bank(more ...string) []string {
	return append([]string{"CCB", "--kind", "bank", "--bank", "105", "--address", "sftp.ccb.example:22", "--user", "onecard",
		"--host-key-file", c.path("host.pub"), "--verify-key-file", c.path("sm2")}, more...)
}

func TestPartnerAddWritesAFileOfItsOwn(t *testing.T) {
	t.Parallel()
	c := newClerk(t)
	out, code := c.add(c.bank("--new-key", "--known", "mtime", "--expect", "REPORT working 17:00 30m", "--answer-within", "36h")...)
	must.Zero(t, code, out)
	p := c.last()
	must.Equal(t, []string{"mtime"}, p.Server.Known)
	must.Equal(t, "17:00", p.Expect[0].CutOff)
	must.Equal(t, "36h0m0s", p.AnswerWithin.String())
	public, err := os.ReadFile(p.KeyFile + ".pub")
	must.NoError(t, err, "our key for this partner")
	must.Contains(t, out, string(public), "is printed for it")
	settings, err := os.ReadFile(c.path("onecard.toml"))
	must.NoError(t, err)
	must.Equal(t, "# by hand\n", string(settings))
	_, code = c.add(c.bank()...)
	must.Equal(t, 3, code, "it is there already")
}

func TestPartnerAddKeepsAFileAsItIs(t *testing.T) {
	t.Parallel()
	c := newClerk(t)
	text := "# agreed by telephone\n[[partner]]\nname = \"RCC\"\nkind = \"bank\"\nbank = \"402\"\n" +
		"login_keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTEx\"]\n" +
		"verify_key = \"0432c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0\"\n"
	c.write("rcc.toml", text)
	out, code := c.add("RCC", "--from", c.path("rcc.toml"))
	must.Zero(t, code, out)
	kept, err := os.ReadFile(c.last().Added)
	must.NoError(t, err)
	must.Equal(t, text, string(kept))
}

func TestPartnerAddRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		more []string
		code int
		says string
	}{
		"no such bank":         {[]string{"--bank", "999"}, 3, "prefix of a bank"},
		"no such layout":       {[]string{"--layout", "nothing"}, 3, "no format"},
		"no such habit":        {[]string{"--known", "sleeps"}, 3, "no habit"},
		"timetable cut short":  {[]string{"--expect", "REPORT working"}, 2, "--expect"},
		"no such day":          {[]string{"--expect", "REPORT never 17:00 1m"}, 3, "days"},
		"another fingerprint":  {[]string{"--host-key-fingerprint", "SHA256:x"}, 3, "HOST_KEY_DIFFERS"},
		"nobody to be scanned": {[]string{"--host-key-file", "", "--address", "127.0.0.1:1"}, 4, "PARTNER_UNREACHABLE"},
		"no address":           {[]string{"--address", ""}, 3, "host:port"},
		"no kind":              {[]string{"--kind", "post"}, 3, "must be bank"},
		"a path for a name":    {[]string{"--verify-key-file", "/nowhere"}, 3, "/nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClerk(t)
			out, code := c.add(c.bank(tc.more...)...)
			must.Equal(t, tc.code, code, out)
			must.Contains(t, out, tc.says)
			must.NoFileExists(t, c.path("partners.d/CCB.toml"), "nothing is left behind")
		})
	}
}

func TestWhoIsLive(t *testing.T) {
	t.Parallel()
	settings, added := config.Partner{Name: "ICBC"}, config.Partner{Name: "CCB", Added: "CCB.toml"}
	decisions := func(whats ...string) postgres.PartnerStanding {
		var s postgres.PartnerStanding
		for _, what := range whats {
			s.Decisions = append(s.Decisions, postgres.PartnerDecision{What: what, Binding: "a"})
		}
		return s
	}
	for name, tc := range map[string]struct {
		partner   config.Partner
		decisions []string
		binding   string
		want      standing
	}{
		"of the settings":              {settings, nil, "a", live},
		"of the settings, asked for":   {settings, []string{"asked"}, "a", live},
		"of the settings, suspended":   {settings, []string{"suspended"}, "a", suspended},
		"suspended and asked for":      {settings, []string{"suspended", "asked"}, "a", asked},
		"suspended and back":           {settings, []string{"suspended", "asked", "live"}, "a", live},
		"suspended, back, and changed": {settings, []string{"suspended", "asked", "live"}, "b", stale},
		"added":                        {added, nil, "a", onboarding},
		"added, asked for":             {added, []string{"asked"}, "a", asked},
		"added, live":                  {added, []string{"asked", "live"}, "a", live},
		"added, live, changed":         {added, []string{"asked", "live"}, "b", stale},
		"added, live, tested anew":     {added, []string{"asked", "live", "asked"}, "b", asked},
		"added, live, suspended":       {added, []string{"asked", "live", "suspended"}, "a", suspended},
	} {
		must.Equal(t, tc.want, stands(tc.partner, decisions(tc.decisions...), tc.binding), name)
	}
}

func TestBindingFollowsWhatWasTested(t *testing.T) {
	t.Parallel()
	c := newClerk(t)
	c.write("own.toml", "one")
	settings, err := config.Load(c.path("onecard.toml"))
	must.NoError(t, err)
	p := config.DefaultPartner()
	p.Name, p.Address, p.HostKey, p.Layouts = "CCB", "a:1", "key", []string{c.path("own.toml")}
	first, err := bindingOf(settings, p)
	must.NoError(t, err)
	same := p
	same.Contact = "another"
	again, err := bindingOf(settings, same)
	must.NoError(t, err)
	must.Equal(t, first, again, "whom to call may change")
	for name, change := range map[string]func(*config.Partner){
		"host key": func(p *config.Partner) { p.HostKey = "other" },
		"address":  func(p *config.Partner) { p.Address = "b:1" },
		"habits":   func(p *config.Partner) { p.Server.ReadOnce = true },
		"layout":   func(*config.Partner) { c.write("own.toml", "two") },
		"our key":  func(*config.Partner) { c.write("ssh.key.pub", "other") },
	} {
		other := p
		change(&other)
		now, err := bindingOf(settings, other)
		must.NoError(t, err)
		must.NotEqual(t, first, now, name)
	}
}
