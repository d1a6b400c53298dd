package onecard_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// layer says what the packages in some folders may import. The first layer that matches a folder holds for it; a folder
// without one is an error, because a new kind of package needs a decision. Folders are patterns as in `go list`: * is one
// name, /... at the end is the folder and all below it. Only a pattern that says sim matches a simulator. A package may
// always import its own folder (from its external tests).
type layer struct {
	folder string
	// ours are the folders of this module that it may import; a _test.go file may also import those in tests.
	ours, tests []string
	// foreign are the beginnings of what it may import of other modules; nil allows everything. Tests are free.
	foreign []string
	// never are the standard packages, with all below them, that it must not reach. Tests are free.
	never []string
}

// layers is the import rule of the design, read from the top down.
var layers = []layer{
	{folder: ".", tests: []string{"card"}}, // whose words the documents repeat
	{folder: "card", foreign: none},
	{folder: "activities", ours: []string{"card"}, tests: connectorsAndPartners,
		foreign: []string{"go.temporal.io/", "golang.org/x/sync/"}},
	{folder: "workflows", ours: []string{"activities", "card"}, tests: above("worker", "workflows/workflowstest"),
		foreign: []string{"go.temporal.io/"}, never: impure},
	{folder: "workflows/workflowstest", ours: []string{"activities", "card"}},
	{folder: "worker", ours: []string{"workflows", "activities", "card"}, tests: connectorsAndPartners},
	{folder: "web/...", ours: []string{"workflows", "card", "web/..."}, tests: above("worker")},

	// Two readings of one protocol: a sim never imports the connector that it faces, in its tests neither.
	{folder: "connectors/exchange/sim/...", ours: []string{"card", "connectors/exchange/sim/..."}},
	{folder: "connectors/*/sim/...", ours: []string{"card", "connectors/exchange/sim/..."}},

	// Partners' connectors build on the file exchange and the layouts; their tests face the sim over real wires.
	{folder: "connectors/bank", ours: partner, tests: facing("bank")},
	{folder: "connectors/bureau", ours: partner, tests: facing("bureau")},
	{folder: "connectors/civil", ours: partner, tests: facing("civil")},
	{folder: "connectors/outlet", ours: partner, tests: facing("outlet")},
	{folder: "connectors/receipt", ours: partner, tests: facing("exchange")},

	// The conformance test plays the hub to a partner, rightly and wrongly; its tests play all the partners.
	{folder: "connectors/conformance", ours: partner, tests: []string{"connectors/*/sim/...", "connectors/exchange/...", "connectors/gateway"}},

	// The others stand alone; a roster in CSV comes in the same encodings as the partners' files.
	{folder: "connectors/exchange/desk", ours: []string{"card", "connectors/exchange", "connectors/layout"}, tests: facing("exchange")},
	{folder: "connectors/exchange/...", ours: []string{"card", "connectors/exchange"}, tests: facing("exchange")},
	// An evidence pack is checked without the hub: the ledger's tests make them.
	{folder: "connectors/evidence", ours: []string{"card"}},
	// The gateway's tests have the hub's other hand on the same folders.
	{folder: "connectors/gateway", ours: []string{"card"}, tests: []string{"connectors/exchange"}},
	{folder: "connectors/layout/...", ours: []string{"card", "connectors/layout/..."}},
	{folder: "connectors/postgres/...", ours: []string{"card", "connectors/postgres/..."}, tests: []string{"connectors/vault", "connectors/evidence"}},
	{folder: "connectors/roster", ours: []string{"card", "connectors/layout/..."}},
	{folder: "connectors/vault", ours: []string{"card"}},

	{folder: "cmd/onecard/...", tests: above("workflows/workflowstest"),
		ours: []string{"card", "activities", "workflows", "worker", "web/...", "connectors/...", "cmd/onecard/..."}},
	{folder: "cmd/partners/...", ours: []string{"card", "connectors/*/sim/...", "cmd/partners/..."}},
}

var (
	none = []string{}

	// impure is what would let a workflow do something else in its replay, or reach the world past its activities.
	impure = []string{"crypto/rand", "database/sql", "log", "math/rand", "net", "os", "syscall", "unsafe"}

	partner = []string{"card", "connectors/exchange", "connectors/exchange/desk", "connectors/layout/..."}

	connectorsAndPartners = []string{"connectors/...", "connectors/*/sim/..."}
)

// above is what the tests of a layer below folders may import to run the whole.
func above(folders ...string) []string { return append(folders, connectorsAndPartners...) }

// facing is what the tests of a partner's connector may import.
func facing(name string) []string {
	return []string{"connectors/" + name + "/sim/...", "connectors/exchange/...", "connectors/exchange/sim/..."}
}

func TestImportsRunOneWay(t *testing.T) {
	t.Parallel()
	sources := parseModule(t)
	require.Greater(t, len(sources), 50, "the walk found the source files")
	var breaches []string
	for _, s := range sources {
		breaches = append(breaches, s.breaches()...)
	}
	require.Empty(t, breaches)
}

// TestTheRuleCanFail holds the checker to imports that must be refused, beside their permitted twins.
func TestTheRuleCanFail(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		file, imports string
		allowed       bool
	}{
		{"card/a.go", "strings", true},
		{"card/a.go", "go.temporal.io/sdk/workflow", false},
		{"card/a_test.go", "github.com/stretchr/testify/require", true},
		{"card/a.go", "onecard/activities", false},
		{"card/a_test.go", "onecard/card", true},
		{"workflows/a.go", "onecard/activities", true},
		{"workflows/a.go", "onecard/connectors/bank", false},
		{"workflows/a.go", "go.temporal.io/sdk/workflow", true},
		{"workflows/a.go", "github.com/jackc/pgx/v5", false},
		{"workflows/a.go", "net/http", false},
		{"workflows/a.go", "network", true},
		{"workflows/a_test.go", "os", true},
		{"workflows/a_test.go", "onecard/worker", true},
		{"activities/a.go", "onecard/connectors/vault", false},
		{"activities/a.go", "onecard/workflows", false},
		{"activities/a_test.go", "onecard/connectors/bank/sim", true},
		{"worker/a.go", "onecard/connectors/vault", false},
		{"web/pages/a.go", "onecard/workflows", true},
		{"web/a.go", "onecard/activities", false},
		{"connectors/bank/a.go", "onecard/connectors/exchange", true},
		{"connectors/bank/a.go", "onecard/connectors/layout/gb18030", true},
		{"connectors/bank/a.go", "onecard/connectors/bank/sim", false},
		{"connectors/bank/a.go", "onecard/connectors/bureau", false},
		{"connectors/bank/a_test.go", "onecard/connectors/bank/sim", true},
		{"connectors/bank/a_test.go", "onecard/connectors/bureau/sim", false},
		{"connectors/bank/sim/a.go", "onecard/connectors/exchange/sim", true},
		{"connectors/bank/sim/a.go", "onecard/connectors/exchange", false},
		{"connectors/bank/sim/a.go", "onecard/connectors/layout", false},
		{"connectors/bank/sim/a_test.go", "onecard/connectors/bank", false},
		{"connectors/exchange/sim/a.go", "onecard/connectors/exchange", false},
		{"connectors/vault/a.go", "onecard/connectors/postgres", false},
		{"connectors/postgres/a.go", "onecard/connectors/postgres/pgtest", false},
		{"connectors/postgres/a_test.go", "onecard/connectors/postgres/pgtest", true},
		{"cmd/onecard/a.go", "onecard/connectors/vault", true},
		{"cmd/onecard/a.go", "onecard/connectors/bank/sim", false},
		{"cmd/onecard/a_test.go", "onecard/connectors/bank/sim", true},
		{"cmd/partners/a.go", "onecard/connectors/bank/sim", true},
		{"cmd/partners/a.go", "onecard/connectors/bank", false},
		{"somewhere/a.go", "strings", false},
	} {
		s := source{file: tc.file, imports: []string{tc.imports}}
		require.Equal(t, tc.allowed, len(s.breaches()) == 0, "%s imports %s", tc.file, tc.imports)
	}
}

// breaches says what the file imports against the rule.
func (s source) breaches() []string {
	n := slices.IndexFunc(layers, func(l layer) bool { return matches(l.folder, s.folder()) })
	if n < 0 {
		return []string{s.file + ": no layer matches its folder"}
	}
	var found []string
	for _, imported := range s.imports {
		if !layers[n].allows(s, imported) {
			found = append(found, fmt.Sprintf("%s must not import %s", s.file, imported))
		}
	}
	return found
}

func (l layer) allows(s source, imported string) bool {
	beyond := func(p string) bool { return imported == p || strings.HasPrefix(imported, p+"/") }
	folder, ours := strings.CutPrefix(imported, "onecard/")
	switch {
	case ours && folder == s.folder():
		return true
	case ours && isTestSupport(folder) && !s.isTest() && !isTestSupport(s.folder()):
		return false
	case ours:
		return slices.ContainsFunc(l.ours, func(p string) bool { return matches(p, folder) }) ||
			s.isTest() && slices.ContainsFunc(l.tests, func(p string) bool { return matches(p, folder) })
	case s.isTest():
		return true
	case strings.Contains(strings.Split(imported, "/")[0], "."):
		return l.foreign == nil || slices.ContainsFunc(l.foreign, func(p string) bool { return strings.HasPrefix(imported, p) })
	}
	return !slices.ContainsFunc(l.never, beyond)
}

// isTestSupport says whether a package is there for tests only, as httptest is.
func isTestSupport(folder string) bool { return strings.HasSuffix(path.Base(folder), "test") }

// matches says whether folder is one that pattern stands for.
func matches(pattern, folder string) bool {
	base, deep := strings.CutSuffix(pattern, "/...")
	want, got := strings.Split(base, "/"), strings.Split(folder, "/")
	if len(got) < len(want) || len(got) > len(want) && !deep {
		return false
	}
	if slices.Contains(got, "sim") && !slices.Contains(want, "sim") {
		return false
	}
	ok, err := path.Match(base, strings.Join(got[:len(want)], "/"))
	return ok && err == nil
}
