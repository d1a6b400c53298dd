package card_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

func TestEveryReasonHasItsFourTexts(t *testing.T) {
	t.Parallel()
	shape := regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
	for _, r := range card.Reasons() {
		text := r.Text()
		require.Regexp(t, shape, string(r))
		for _, zh := range []string{text.ZH, text.MendZH} {
			require.True(t, strings.HasSuffix(zh, "。"), "%s: %q", r, zh)
			require.True(t, strings.ContainsFunc(zh, func(c rune) bool { return unicode.Is(unicode.Han, c) }), r)
		}
		for _, en := range []string{text.EN, text.MendEN} {
			require.True(t, strings.HasSuffix(en, "."), "%s: %q", r, en)
		}
	}
}

// A reason that is declared without words would reach people as a bare code.
func TestEveryDeclaredReasonIsListed(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, 0)
	require.NoError(t, err)
	var declared []card.Reason
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
			code, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			declared = append(declared, card.Reason(code))
		}
		return true
	})
	slices.Sort(declared)
	require.Equal(t, declared, card.Reasons())
	require.Len(t, slices.Compact(declared), len(card.Reasons()))
}

func TestUnknownReasonSaysSo(t *testing.T) {
	t.Parallel()
	text := card.Reason("BANK_E77").Text()
	require.Contains(t, text.ZH, "BANK_E77")
	require.Contains(t, text.EN, "BANK_E77")
	require.NotEmpty(t, text.MendZH)
	require.NotEmpty(t, text.MendEN)
}
