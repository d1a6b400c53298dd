package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm2"
	must "github.com/stretchr/testify/require" // the package has a require of its own

	"onecard/card"
)

func TestProgrammesAreKept(t *testing.T) {
	t.Parallel()
	dir, h := ledgerFolder(t, "")
	must.NoError(t, firstProgrammes(t.Context(), h.ledger))
	out, problem, code := onecard(t, dir, "programme", "list")
	must.Zero(t, code, problem)
	must.Equal(t, 30, strings.Count(out, "\n"))
	out, problem, code = onecard(t, dir, "programme", "show", "CA03")
	must.Zero(t, code, problem)
	must.Contains(t, out, "up to 不超过 5000 people 人, 1000000.00 yuan 元: maker 经办, checker 复核")

	file := filepath.Join(dir, "p.toml")
	_, problem, code = onecard(t, dir, "programme", "export", "-o", file)
	must.Zero(t, code, problem)
	before, err := h.ledger.Programmes(t.Context())
	must.NoError(t, err)
	read, err := readProgrammes(file)
	must.NoError(t, err)
	must.Equal(t, before, read, "what is exported comes back as it is")

	text, err := os.ReadFile(file)
	must.NoError(t, err)
	must.NoError(t, os.WriteFile(file, bytes.Replace(text, []byte(`limit = "1000.00"`), []byte(`limit = "160.00"`), 1), 0o600))
	_, problem, code = onecard(t, dir, "programme", "put", file, "--as", "manager1")
	must.Zero(t, code, problem)
	must.NoError(t, firstProgrammes(t.Context(), h.ledger))
	after, err := h.ledger.Programmes(t.Context())
	must.NoError(t, err)
	must.NotEqual(t, before, after, "what people changed is not undone by the next start")
	_, problem, code = onecard(t, dir, "programme", "show", "XX99")
	must.Equal(t, 3, code)
	must.Contains(t, problem, string(card.ReasonProgrammeUnknown))
}

func TestWrongProgrammesChangeNothing(t *testing.T) {
	t.Parallel()
	good := "[[programme]]\nid = \"XX01\"\nname = \"n\"\ndepartment = \"agriculture\"\npayer = \"p\"\npurpose = \"u\"\nperiod = \"year\"\napproval = \"all=checker\"\n"
	for text, why := range map[string]string{
		good + "colour = \"red\"\n":                                   "there is no key programme.colour",
		good + strings.Replace(good, "all=checker", "1/1=checker", 1): "its last tier must have no limit",
		good + "limit = \"1.234\"\n":                                  string(card.ReasonAmountShape),
		strings.Replace(good, "agriculture", "fire-brigade", 1):       "its department is none of",
		"":        "holds no [[programme]]",
		"[[prog]": "read the programmes",
	} {
		file := filepath.Join(t.TempDir(), "p.toml")
		must.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := readProgrammes(file)
		must.ErrorContains(t, err, why)
	}
}

func TestApproversSignWithTheirKeys(t *testing.T) {
	t.Parallel()
	dir, h := ledgerFolder(t, "")
	_, problem, code := onecard(t, dir, "approver", "add", "checker1", "--role", "checker", "--as", "security1")
	must.Zero(t, code, problem)
	file := (&settings{dir: dir}).approverKey("checker1", card.RoleChecker)
	info, err := os.Stat(file)
	must.NoError(t, err)
	must.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	key, err := os.ReadFile(file)
	must.NoError(t, err)

	all, err := h.ledger.Approvers(t.Context())
	must.NoError(t, err)
	must.Len(t, all, 1)
	signature, err := signApproval(file, "R20261121-001", card.RoleChecker, []byte{1, 2, 3})
	must.NoError(t, err)
	public, err := sm2.NewPublicKey(all[0].PublicKey)
	must.NoError(t, err)
	must.True(t, sm2.VerifyASN1WithSM2(public, nil, card.ApprovalText("R20261121-001", card.RoleChecker, []byte{1, 2, 3}), signature))
	must.False(t, sm2.VerifyASN1WithSM2(public, nil, card.ApprovalText("R20261121-001", card.RoleFinance, []byte{1, 2, 3}), signature))
	_, err = signApproval(file+"x", "R20261121-001", card.RoleChecker, nil)
	must.Equal(t, card.Denied, card.KindOf(err))

	_, problem, code = onecard(t, dir, "approver", "add", "checker1", "--role", "checker", "--as", "security2")
	must.Zero(t, code, problem)
	again, err := os.ReadFile(file)
	must.NoError(t, err)
	must.Equal(t, key, again, "a key that is there is never replaced")
	out, problem, code := onecard(t, dir, "approver", "list", "-o", "json")
	must.Zero(t, code, problem)
	var listed []map[string]string
	must.NoError(t, json.Unmarshal([]byte(out), &listed))
	must.Equal(t, []map[string]string{{"name": "checker1", "role": "checker", "added_by": "security2"}}, listed)
}

func TestApproversThatAreNone(t *testing.T) {
	t.Parallel()
	dir, _ := ledgerFolder(t, "")
	for _, tc := range []struct {
		args []string
		code int
	}{
		{[]string{"../x", "--role", "checker", "--as", "security1"}, 2},
		{[]string{"x", "--role", "maker", "--as", "security1"}, 2},
		{[]string{"x", "--role", "checker"}, 2},
		{[]string{"x", "--role", "checker", "--as", "x"}, 3},
	} {
		_, problem, code := onecard(t, dir, append([]string{"approver", "add"}, tc.args...)...)
		must.Equal(t, tc.code, code, problem)
	}
	_, err := os.Stat(filepath.Join(dir, "approvers"))
	must.ErrorIs(t, err, os.ErrNotExist, "no key was made for nobody")
}
