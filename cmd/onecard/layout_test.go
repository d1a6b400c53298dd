package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	must "github.com/stretchr/testify/require" // the package has a require of its own

	"onecard/connectors/layout"
)

// layoutCommandLine runs a command about layouts and returns what it printed and its exit code.
func layoutCommandLine(t *testing.T, args ...string) (stdout, stderr string, code int) {
	var out, errs bytes.Buffer
	code = run(t.Context(), append([]string{"partner", "layout"}, args...), &out, &errs)
	return out.String(), errs.String(), code
}

func TestLayoutsAreListedShownAndChecked(t *testing.T) {
	t.Parallel()
	out, _, code := layoutCommandLine(t, "list", "-o", "json")
	must.Zero(t, code)
	var list []shippedLayout
	must.NoError(t, json.Unmarshal([]byte(out), &list))
	must.Len(t, list, len(layout.Shipped()))

	text, _, code := layoutCommandLine(t, "show", "bureau-cardreq")
	must.Zero(t, code)
	path := filepath.Join(t.TempDir(), "ours.toml")
	must.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	out, _, code = layoutCommandLine(t, "check", path)
	must.Zero(t, code)
	must.Contains(t, out, "bureau-cardreq is right (版式正确)")
	must.Contains(t, out, "fixed widths")

	must.NoError(t, os.WriteFile(path, []byte(strings.Replace(text, `"pan"`, `"pin"`, 1)), 0o600))
	_, errs, code := layoutCommandLine(t, "check", path)
	must.Equal(t, 3, code)
	must.Contains(t, errs, `detail.columns[6].field: "pin" is no field of CARDREQ`)
	must.Contains(t, errs, "错误 FORMAT_WRONG: 版式文件有误。")
	_, errs, code = layoutCommandLine(t, "check", "nobodys")
	must.Equal(t, 3, code)
	must.Contains(t, errs, "错误 FORMAT_UNKNOWN: 没有这个版式。")
	_, _, code = layoutCommandLine(t, "check")
	must.Equal(t, 2, code)
}

// A sample of every format that ships is explained without a fault.
func TestSamplesAreExplained(t *testing.T) {
	t.Parallel()
	for _, name := range layout.Shipped() {
		path := filepath.Join(t.TempDir(), "sample")
		_, errs, code := layoutCommandLine(t, "sample", name, "-n", "3", "-o", path)
		must.Zero(t, code, errs)
		out, notice, code := layoutCommandLine(t, "explain", name, path, "-o", "json")
		must.Zero(t, code, "%s: %s", name, out)
		must.Contains(t, notice, "个人信息")
		var got struct {
			Lines   []layout.Line
			Verdict verdict
		}
		must.NoError(t, json.Unmarshal([]byte(out), &got), name)
		must.True(t, got.Verdict.Accepted)
		must.Equal(t, 3, got.Verdict.Rows)
	}
	_, _, code := layoutCommandLine(t, "sample", "township-report")
	must.Equal(t, 2, code, "no workbook on a terminal")
}

func TestAWrongFileIsExplained(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "SAMPLE_ACCTRET_20261121_000017.txt")
	text := "0000000001|D00000128|62|1|0000||\n0000000002|D00000136|||2009||\nEND|00000002|\n"
	must.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	out, _, code := layoutCommandLine(t, "explain", "rural-acctret", path, "--wrong")
	must.Equal(t, 3, code)
	must.Contains(t, out, "line 1 detail ref 1")
	must.NotContains(t, out, "line 2 detail")
	must.Contains(t, out, "expected 16 to 19 digits or nothing")
	must.Contains(t, out, "1 rows (行), 1 refused alone")

	must.NoError(t, os.WriteFile(path, []byte(strings.Replace(text, "END", "EN", 1)), 0o600))
	out, _, code = layoutCommandLine(t, "explain", "rural-acctret", path, "--line", "3")
	must.Equal(t, 3, code)
	must.Contains(t, out, "the hub would refuse this file (不能接收): FILE_LAYOUT")
	_, _, code = layoutCommandLine(t, "explain", "rural-acctret", path+".gone")
	must.NotZero(t, code)
}
