package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func writeRules(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rules.toml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// What is written at another pace is read like any other, says the same and waits less.
func TestRulesAreMadeFaster(t *testing.T) {
	t.Parallel()
	from := writeRules(t, `[[rule]]
partner = "*"
kind = "PAYREQ"
do = "delay"
after = "72h"
times = 2

[[rule]]
partner = "ICBC"
kind = "PAYREQ"
do = "truncate"
after = "1us"

[[account]]
partner = "ABC"
account = "1"
fen = 5
`)
	to := filepath.Join(t.TempDir(), "fast.toml")
	var out bytes.Buffer
	require.Zero(t, run([]string{"rules", from, "--faster", "8640", "--write", to}, &out, &out), out.String())
	var told summary
	require.NoError(t, json.Unmarshal(out.Bytes(), &told))
	require.Equal(t, summary{Rules: 2, Partners: []string{"ICBC", "ABC"}, Longest: time.Minute}, told)
	out.Reset()
	require.Zero(t, run([]string{"rules", to}, &out, &out), out.String())
	var again summary
	require.NoError(t, json.Unmarshal(out.Bytes(), &again))
	require.Equal(t, told, again)
}

func TestWrongRulesAreNamed(t *testing.T) {
	t.Parallel()
	rule := "[[rule]]\npartner = \"ICBC\"\nkind = \"PAYREQ\"\ndo = \"omit\"\n"
	for name, tc := range map[string]struct{ text, says string }{
		"no TOML":         {"[[rule", "rules"},
		"unknown key":     {rule + "when = \"now\"\n", "unknown key rule.when"},
		"unknown partner": {strings.ReplaceAll(rule, "ICBC", "ICBK"), `partner "ICBK" is unknown`},
		"unknown deed":    {strings.ReplaceAll(rule, "omit", "forget"), "rule 1"},
		"unknown code":    {strings.ReplaceAll(rule, "\"omit\"", "\"refuse\"\ncode = \"E99\""), "ICBC has no such kind or code"},
		"no such kind":    {strings.ReplaceAll(rule, "PAYREQ", "CARDREQ"), "ICBC has no such kind or code"},
		"too many":        {strings.Repeat(rule, 201), "at most 200"},
		"too long":        {"# " + strings.Repeat("x", 70_000), "at most 65536 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			require.Equal(t, 1, run([]string{"rules", writeRules(t, tc.text)}, &out, &out))
			require.Contains(t, out.String(), tc.says)
		})
	}
	var out bytes.Buffer
	require.Equal(t, 1, run([]string{"rules", t.TempDir()}, &out, &out), "a folder")
	require.Equal(t, 1, run([]string{"rules", "nothing.toml"}, &out, &out))
	require.Equal(t, 2, run([]string{"rules"}, &out, &out))
	require.Equal(t, 2, run([]string{"rules", writeRules(t, rule), "--faster", "0.5"}, &out, &out))
}

// The samples for rehearsals are right.
func TestSampleFaults(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/partners/faults-*.toml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		var out bytes.Buffer
		require.Zero(t, run([]string{"rules", file}, &out, &out), out.String())
	}
}
