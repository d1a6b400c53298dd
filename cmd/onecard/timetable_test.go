package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	must "github.com/stretchr/testify/require" // the package has a require of its own
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"onecard/activities"
	"onecard/card"
	"onecard/connectors/exchange"
	"onecard/connectors/postgres/pgtest"
	"onecard/connectors/vault"
)

const outlets = `
[[partner]]
name = "OUTLET"
kind = "outlet"
address = "127.0.0.1:1"
user = "onecard"
host_key = "ssh-ed25519 AAAA"
verify_key = "04"
contact = "值班室 0757-00000000"
silent_after = "24h"
[[partner.expect]]
kind = "REPORT"
days = "daily"
cut_off = "17:00"
grace = "30m"
[[partner.expect]]
kind = "STOCKS"
days = "day 1 working-after"
cut_off = "26:00"
`

// office is a folder with a configuration, in which the outlets have a timetable, over a ledger of its own.
func office(t *testing.T) string {
	t.Helper()
	dir, _ := ledgerFolder(t, outlets)
	return dir
}

// ledgerFolder is the folder of a hub with a ledger of its own and the given partners.
func ledgerFolder(t *testing.T, partners string) (dir string, h *hub) {
	t.Helper()
	dir = t.TempDir()
	must.NoError(t, vault.Generate(filepath.Join(dir, "vault.toml")))
	must.NoError(t, os.WriteFile(filepath.Join(dir, "url"), []byte(pgtest.New(t)), 0o600))
	must.NoError(t, os.WriteFile(filepath.Join(dir, "onecard.toml"), []byte("[ledger]\ndatabase_url_file = \"url\"\n"+partners), 0o600))
	h, err := openHub(t.Context(), &settings{dir: dir})
	must.NoError(t, err)
	t.Cleanup(h.close)
	must.NoError(t, h.ledger.Migrate(t.Context()))
	return dir, h
}

// onecard runs a command line in a folder and returns what it printed and its exit code.
func onecard(t *testing.T, dir string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), append(args, "--dir", dir), &out, &err)
	return out.String(), err.String(), code
}

// check checks the timetable at some moments, one after the other. No partner can be reached.
func check(t *testing.T, dir string, moments ...time.Time) {
	t.Helper()
	h, err := openHub(t.Context(), &settings{dir: dir})
	must.NoError(t, err)
	defer h.close()
	steps := h.timetable(exchange.Open(exchange.Config{}))
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(steps)
	for _, at := range moments {
		steps.Now = func() time.Time { return at }
		_, err = env.ExecuteActivity(steps.CheckTimetable)
		must.NoError(t, err)
	}
}

func TestTimetableIsWiredAsAgreed(t *testing.T) {
	t.Parallel()
	dir := office(t)
	h, err := openHub(t.Context(), &settings{dir: dir})
	must.NoError(t, err)
	defer h.close()
	steps := h.timetable(nil)
	must.Len(t, steps.Expected, 2)
	must.Equal(t, "daily 17:00", steps.Expected[0].Schedule.String())
	must.Equal(t, 30*time.Minute, steps.Expected[0].Grace)
	must.Equal(t, []activities.Watch{{Partner: "OUTLET", SilentAfter: 24 * time.Hour}}, steps.Watched)
}

func TestTimetableShowsWhatIsMissed(t *testing.T) {
	t.Parallel()
	dir := office(t)
	yesterday := card.DayOf(time.Now()).Plus(-1)
	check(t, dir, yesterday.At(16*60), yesterday.At(17*60+30))

	text, _, code := onecard(t, dir, "partner", "timetable")
	must.Zero(t, code)
	for _, want := range []string{"OUTLET  outlets 网点", "call 联系 值班室 0757-00000000", "missed 缺件  REPORT/" + string(yesterday),
		"no 未解除", "MISSED 缺件", "day 1 working-after", "26:00", "silence is raised from 失联告警起点"} {
		must.Contains(t, text, want)
	}
	text, _, code = onecard(t, dir, "partner", "timetable", "OUTLET", "--date", yesterday.Dashed(), "-o", "json")
	must.Zero(t, code)
	var v timetableView
	must.NoError(t, json.Unmarshal([]byte(text), &v))
	must.Len(t, v.Partners, 1)
	must.Len(t, v.Partners[0].Files, 1)
	must.Equal(t, card.PromiseMissed, v.Partners[0].Files[0].State)
	must.Len(t, v.Partners[0].Alerts, 1)
	must.Equal(t, yesterday.At(17*60+30).UTC(), v.Partners[0].Alerts[0].Deadline.UTC())
	must.True(t, v.Partners[0].Expected[0].NextCutOff.After(v.AsOf))
	must.NotNil(t, v.Partners[0].SilentFrom)
}

// TestAlertsOutliveTheirPartner shows what is still open about a partner that was taken out of the configuration.
func TestAlertsOutliveTheirPartner(t *testing.T) {
	t.Parallel()
	dir := office(t)
	yesterday := card.DayOf(time.Now()).Plus(-1)
	check(t, dir, yesterday.At(16*60), yesterday.At(17*60+30))
	file := filepath.Join(dir, "onecard.toml")
	must.NoError(t, os.WriteFile(file, []byte("[ledger]\ndatabase_url_file = \"url\"\n"), 0o600))
	text, _, code := onecard(t, dir, "partner", "timetable")
	must.Zero(t, code)
	must.Contains(t, text, "OUTLET  not configured any more")
	must.Contains(t, text, "missed 缺件")
}

func TestTimetableRefusals(t *testing.T) {
	t.Parallel()
	dir := office(t)
	_, said, code := onecard(t, dir, "partner", "timetable", "NOBODY")
	must.Equal(t, 3, code)
	must.Contains(t, said, string(card.ReasonPartnerUnknown))
	for _, args := range [][]string{{"--date", "2026-02-30"}, {"A", "B"}} {
		_, _, code = onecard(t, dir, append([]string{"partner", "timetable"}, args...)...)
		must.Equal(t, 2, code, args)
	}
}

func TestCalendarCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text, _, code := onecard(t, dir, "calendar", "2026")
	must.Zero(t, code)
	must.Contains(t, text, "国办发明电〔2025〕7号")
	must.Contains(t, text, "2026-02-14 周六 Sat  2026-02-14 周六 Sat  1          works 上班  春节 Spring Festival")
	must.Equal(t, 2+7+6, strings.Count(text, "\n"))

	text, _, code = onecard(t, dir, "calendar", "2027", "-o", "json")
	must.Zero(t, code)
	must.JSONEq(t, `{"year":2027,"known":false,"working_days":261,"periods":[]}`, text)

	must.NoError(t, os.WriteFile(filepath.Join(dir, "2027.csv"), []byte("year,2027,试〔2026〕1号\noff,20270101,20270101,元旦,New Year\n"), 0o600))
	must.NoError(t, os.WriteFile(filepath.Join(dir, "onecard.toml"), []byte("[timetable]\nholidays = \"2027.csv\"\n"), 0o600))
	text, _, code = onecard(t, dir, "calendar", "2027")
	must.Zero(t, code)
	must.Contains(t, text, "2027  试〔2026〕1号  working days (工作日) 260")
	for _, year := range []string{"next", "99"} {
		_, _, code = onecard(t, dir, "calendar", year)
		must.Equal(t, 2, code)
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0 min", 29 * time.Second: "0 min", 90 * time.Minute: "1 h 30 min", 24 * time.Hour: "1 d 0 h", 51*time.Hour + 59*time.Minute: "2 d 3 h",
	} {
		must.Equal(t, want, span(d), fmt.Sprint(d))
	}
}
