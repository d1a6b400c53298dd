package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	must "github.com/stretchr/testify/require"

	"onecard/cmd/onecard/internal/config"
)

// simulatedList is what the simulated partners tell: a bank with a server, and a bank that logs in.
const simulatedList = `{"partners":[
	{"name":"ICBC","kind":"bank","address":"127.0.0.1:PORT","user":"onecard","host_key":"HOSTKEY","sm2_public_key":"VERIFY","payer_accounts":["95588001"]},
	{"name":"ABC","kind":"bank","address":"127.0.0.1:20002","user":"onecard","host_key":"HOSTKEY","sm2_public_key":"VERIFY"}]}`

// startedOn is a household whose first partner listens on port; ABC is there unless it is said to be gone.
type startedOn struct {
	household
	log *bytes.Buffer
}

func newStart(t *testing.T) startedOn {
	t.Helper()
	log := &bytes.Buffer{}
	return startedOn{household{dir: t.TempDir(), options: upOptions{log: log}}, log}
}

func (s startedOn) start(t *testing.T, port string, banks int) string {
	t.Helper()
	sample, err := config.Load(filepath.Join("..", "..", "deploy", "onecard.toml"))
	must.NoError(t, err)
	list := strings.NewReplacer("PORT", port, "HOSTKEY", sample.Partners[0].HostKey, "VERIFY", sample.Partners[0].VerifyKey).Replace(simulatedList)
	if banks == 1 {
		list = list[:strings.LastIndex(list, ",\n")] + "]}"
	}
	for _, name := range []string{"ICBC", "ABC"} {
		must.NoError(t, os.MkdirAll(s.path("partners", name), 0o700))
	}
	must.NoError(t, os.WriteFile(s.path("partners", "partners.json"), []byte(list), 0o600))
	g := config.Default().Gateway
	g.Listen, g.HostKeyFile, g.Root, g.AuditFile = "127.0.0.1:20022", s.path("keys", "gateway"), s.path("gateway"), s.path("log", "audit.log")
	s.log.Reset()
	must.NoError(t, s.bringUpToDate(config.Temporal{Address: "127.0.0.1:20033", Namespace: "onecard"}, g))
	text, err := os.ReadFile(s.path("onecard.toml"))
	must.NoError(t, err)
	return string(text)
}

func TestALaterStartKeepsWhatPeopleWrote(t *testing.T) {
	t.Parallel()
	s := newStart(t)
	first := s.start(t, "20001", 2)
	must.Empty(t, s.log.String())
	edited := "# what we agreed on\n" + strings.Replace(strings.Replace(first, "silent_after = \"0s\"", "silent_after = \"26h\"", 1),
		"[partner.server]", "[partner.payments]\ndays = \"working\"\ncut_off = \"16:30\"\n[partner.server]", 1)
	must.NotEqual(t, first, edited)
	must.NoError(t, os.WriteFile(s.path("onecard.toml"), []byte(edited), 0o600))

	must.Equal(t, edited, s.start(t, "20001", 2), "nothing has changed, and not a byte is touched")
	must.Empty(t, s.log.String())
	must.NoFileExists(t, s.path("onecard.toml.before"))

	s.start(t, "20005", 1)
	must.Contains(t, s.log.String(), "onecard.toml.before")
	c, err := config.Load(s.path("onecard.toml"))
	must.NoError(t, err)
	must.Len(t, c.Partners, 1, "ABC is simulated no more")
	must.Equal(t, "127.0.0.1:20005", c.Partners[0].Address)
	must.Equal(t, config.PayTimes{Days: "working", CutOff: "16:30"}, c.Partners[0].Payments)
	must.Equal(t, 26*time.Hour, c.Partners[0].SilentAfter)
	before, err := os.ReadFile(s.path("onecard.toml.before"))
	must.NoError(t, err)
	must.Equal(t, edited, string(before))
}

func TestALaterStartKeepsRealPartnersAndRefusesBrokenSettings(t *testing.T) {
	t.Parallel()
	s := newStart(t)
	s.start(t, "20001", 2)
	c, err := config.Load(s.path("onecard.toml"))
	must.NoError(t, err)
	c.Issuance.CanaryRows, c.Gateway.Sessions = 7, 9
	own := c.Partners[1]
	own.Name, own.Bank, own.Address = "CCB", "105", "sftp.ccb.example:22"
	c.Partners = append(c.Partners, own)
	must.NoError(t, s.writeSettings(config.Config{}, c))
	s.start(t, "20006", 2)
	c, err = config.Load(s.path("onecard.toml"))
	must.NoError(t, err)
	must.Equal(t, []int{7, 9, 3}, []int{c.Issuance.CanaryRows, c.Gateway.Sessions, len(c.Partners)})
	must.Equal(t, "sftp.ccb.example:22", c.Partners[2].Address)

	must.NoError(t, os.WriteFile(s.path("onecard.toml"), []byte("[issuance]\nbatch = 3\n"), 0o600))
	must.Error(t, s.bringUpToDate(c.Temporal, c.Gateway), "what cannot be read is not overwritten")
}
