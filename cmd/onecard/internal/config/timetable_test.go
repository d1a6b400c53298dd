package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
)

const expect = `contact = "值班室 0757-00000000"
silent_after = "24h"

[[partner.expect]]
kind = "REPORT"
days = "day 20 working-before"
cut_off = "17:00"
grace = "30m"
`

func TestExpectedFiles(t *testing.T) {
	t.Parallel()
	c, _, err := load(t, bank+expect)
	require.NoError(t, err)
	p := c.Partners[0]
	require.Equal(t, "值班室 0757-00000000", p.Contact)
	require.Equal(t, 24*time.Hour, p.SilentAfter)
	require.Equal(t, []config.Expect{{Kind: "REPORT", Days: "day 20 working-before", CutOff: "17:00", Grace: 30 * time.Minute}}, p.Expect)
	calendar, err := c.Timetable.Calendar()
	require.NoError(t, err)
	s, err := p.Expect[0].Schedule(calendar)
	require.NoError(t, err)
	require.True(t, s.Expected("20261218"))
}

const payTimes = `
[partner.payments]
days = "working"
opens = "08:30"
cut_off = "16:30"
`

func TestPayTimes(t *testing.T) {
	t.Parallel()
	c, _, err := load(t, bank+payTimes)
	require.NoError(t, err)
	calendar, err := c.Timetable.Calendar()
	require.NoError(t, err)
	w, err := c.Partners[0].Payments.Window(calendar)
	require.NoError(t, err)
	friday := card.Day("20261120").At(17 * 60)
	require.True(t, card.Day("20261123").At(8*60+30).Equal(w.Next(friday)))
	w, err = config.PayTimes{}.Window(calendar)
	require.NoError(t, err)
	require.Nil(t, w, "at any time")
	w, err = config.PayTimes{Days: "daily", CutOff: "16:30"}.Window(calendar)
	require.NoError(t, err)
	require.True(t, card.Day("20261121").At(0).Equal(w.Next(friday)), "from midnight")
}

func TestTimetableFaultsNameKeyAndLine(t *testing.T) {
	t.Parallel()
	second := strings.NewReplacer("ICBC", "ABC", "102", "103").Replace(bank)
	for name, tc := range map[string]struct{ text, says string }{
		"kind":            {bank + strings.Replace(expect, `"REPORT"`, `"../x"`, 1), "line 13: partner[1].expect[1].kind: must be 3 to 12 of A-Z"},
		"kind twice":      {bank + expect + expect[strings.Index(expect, "[["):], "line 18: partner[1].expect[2].kind: REPORT is there twice"},
		"second partner":  {bank + expect + second + strings.Replace(expect, `"17:00"`, `"5 pm"`, 1), "line 31: partner[2].expect[1].cut_off: must be a time such as"},
		"cut-off missing": {bank + strings.Replace(expect, "cut_off = \"17:00\"\n", "", 1), "line 12: partner[1].expect[1].cut_off: must be a time"},
		"days":            {bank + strings.Replace(expect, "day 20", "often", 1), `line 14: partner[1].expect[1].days: is not "working", "daily"`},
		"grace":           {bank + strings.Replace(expect, `"30m"`, `"-1m"`, 1), "line 16: partner[1].expect[1].grace: must be within 0 and 168h"},
		"grace of 30":     {bank + strings.Replace(expect, `"30m"`, `30`, 1), "line 16: partner[1].expect[1].grace: must be a time with its unit"},
		"unknown key":     {bank + strings.Replace(expect, "grace", "mercy", 1), "line 16: partner[1].expect[1].mercy: is not a setting; there are cut_off, days, grace, kind"},
		"one table":       {bank + strings.Replace(expect, "[[partner.expect]]", "[partner.expect]", 1), "partner[1].expect: must be tables [[partner[1].expect]]"},
		"payments late":   {bank + strings.Replace(payTimes, `"16:30"`, `"08:30"`, 1), "partner[1].payments.opens: must be before cut_off"},
		"payments days":   {bank + strings.Replace(payTimes, `"working"`, `"often"`, 1), `partner[1].payments.days: is not "working", "daily"`},
		"payments bare":   {bank + strings.Replace(payTimes, "cut_off = \"16:30\"\n", "", 1), "partner[1].payments.cut_off: must be a time"},
		"payments at 8":   {bank + strings.Replace(payTimes, `"08:30"`, `"8:30"`, 1), "partner[1].payments.opens: must be a time"},
		"payments of none": {strings.Replace(strings.Replace(bank, `kind = "bank"`, `kind = "bureau"`, 1), "bank = \"102\"\n", "", 1) + payTimes,
			"partner[1].payments: is for partners of the kind bank only"},
		"silence": {bank + strings.Replace(expect, `"24h"`, `"1s"`, 1), "line 10: partner[1].silent_after: must be at least 1m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := load(t, tc.text)
			require.ErrorContains(t, err, tc.says)
			require.Equal(t, card.Invalid, card.KindOf(err))
		})
	}
}

func TestHolidaysOfAnotherYear(t *testing.T) {
	t.Parallel()
	c, dir, err := load(t, "[timetable]\nholidays = \"2027.csv\"\n")
	require.NoError(t, err)
	_, err = c.Timetable.Calendar()
	require.ErrorIs(t, err, os.ErrNotExist)

	path := filepath.Join(dir, "2027.csv")
	require.NoError(t, os.WriteFile(path, []byte("year,2027,试\noff,20270101,20270103,元旦,New Year\n"), 0o600))
	calendar, err := c.Timetable.Calendar()
	require.NoError(t, err)
	require.Equal(t, []int{2025, 2026, 2027}, calendar.Years())

	require.NoError(t, os.WriteFile(path, []byte("year,2027,试\noff,20270103\n"), 0o600))
	_, err = c.Timetable.Calendar()
	require.ErrorContains(t, err, "2027.csv")
	require.ErrorContains(t, err, "line 2")
}
