package main

import (
	"strings"
	"testing"

	must "github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/exchange"
	"onecard/connectors/postgres"
)

// Of a file of ours it shows which rows were left out and what its proof is worth; no receipt is owed for it.
func TestAFileOfOursShowsWhatWasLeftOut(t *testing.T) {
	t.Parallel()
	v := fileView{FileRecord: postgres.FileRecord{Name: "ICBC_ACCTREQ_20261121_000001.txt", Direction: "out", Stage: "confirmed", SizeOnly: true},
		Verdicts: []postgres.FileVerdict{{Outcome: card.AcceptedInPart, Rows: []card.Finding{
			{Reason: card.ReasonNameUnencodable, Ref: 2, Line: 3, Column: 5, Name: "name 姓名", Found: "a character"}}}}}
	var b strings.Builder
	must.NoError(t, printFile(&b, v))
	must.Contains(t, b.String(), "1 rows that it could not carry were left out")
	must.Contains(t, b.String(), "NAME_UNENCODABLE row 2 line 3 column 5 (name 姓名)")
	must.Contains(t, b.String(), "by name and size only")
	must.NotContains(t, b.String(), "receipt owed")
}

// What was refused under a name lies in the archive beside what was taken later, and the ledger knows the digests of both.
func TestCopiesAgreeWithTheLedger(t *testing.T) {
	t.Parallel()
	v := fileView{FileRecord: postgres.FileRecord{SM3: "bb"}, Verdicts: []postgres.FileVerdict{{SM3: "aa"}, {SM3: "bb"}},
		Copies: []exchange.Copy{{SM3: "aa"}, {SM3: "bb"}, {SM3: "cc"}, {SM3: "dd", Manifest: true}}}
	var agrees []string
	for _, line := range v.copyTable()[1:] {
		agrees = append(agrees, line[3])
	}
	must.Equal(t, []string{yesNo(true), yesNo(true), yesNo(false), "-"}, agrees)
}
