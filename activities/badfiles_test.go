package activities_test

import (
	"bytes"
	"flag"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/exchange"
)

// updating says whether the fixtures are written anew: go test ./activities -run Bad -update.
func updating() bool {
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}

// bad is a bad file and the reason code with which it is refused.
type bad struct {
	name   string
	reason card.Reason
	change
}

// swap exchanges two lines.
func swap(i, j int) func([]string) []string {
	return func(l []string) []string {
		l[i], l[j] = l[j], l[i]
		return l
	}
}

// insert puts a line before the n-th, counted from the end when n is negative.
func insert(n int, line string) func([]string) []string {
	return func(l []string) []string {
		if n < 0 {
			n += len(l) + 1
		}
		return slices.Insert(l, n, line)
	}
}

// field changes the n-th field of the first row.
func field(n int, value string) func([]byte) []byte {
	return lines(func(l []string) []string {
		fields := strings.Split(l[1], "|")
		fields[n] = value
		l[1] = strings.Join(fields, "|")
		return l
	})
}

func cut(n int) func([]byte) []byte { return func(text []byte) []byte { return text[:len(text)-n] } }

func add(tail string) func([]byte) []byte {
	return func(text []byte) []byte { return append(text, tail...) }
}

func front(head string) func([]byte) []byte {
	return func(text []byte) []byte { return append([]byte(head), text...) }
}

// badContents are files that are wrong in themselves.
func badContents() []bad {
	return []bad{
		{"truncated-last-line-missing", card.ReasonFileRows, change{text: lines(func(l []string) []string { return l[:len(l)-1] })}},
		{"truncated-in-the-last-line", card.ReasonFileRows, change{text: cut(1)}},
		{"truncated-in-a-row", card.ReasonFileRows, change{text: cut(30)}},
		{"empty", card.ReasonFileRows, change{text: func([]byte) []byte { return nil }, promise: func(p *promise) { p.rows = "0" }}},
		{"header-only", card.ReasonFileRows, change{text: lines(func(l []string) []string { return l[:1] })}},
		{"rows-in-the-trailer", card.ReasonFileRows, change{text: replace("T|3|", "T|4|")}},
		{"rows-in-the-manifest", card.ReasonFileRows, change{promise: func(p *promise) { p.rows = "2" }}},
		{"total-in-the-trailer", card.ReasonFileTotal, change{text: replace("T|3|0", "T|3|100")}},
		{"total-in-the-manifest", card.ReasonFileTotal, change{promise: func(p *promise) { p.total = "100" }}},
		{"encoding-no-gb18030", card.ReasonFileEncoding, change{text: field(6, "\xff\xfe")}},
		{"encoding-utf16", card.ReasonFileEncoding, change{text: func(text []byte) []byte {
			return append([]byte{0xff, 0xfe}, bytes.ReplaceAll(text, []byte("|"), []byte("|\x00"))...)
		}}},
		{"byte-order-mark", card.ReasonFileLayout, change{text: front("\xef\xbb\xbf")}},
		{"crlf", card.ReasonFileLayout, change{text: func(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")) }}},
		{"crlf-in-one-line", card.ReasonFileLayout, change{text: lines(func(l []string) []string { l[2] += "\r"; return l })}},
		{"control-character", card.ReasonFileLayout, change{text: field(6, "a\x07b")}},
		{"nul-bytes", card.ReasonFileLayout, change{text: field(6, "\x00\x00")}},
		{"line-too-long", card.ReasonFileLineLength, change{text: field(6, strings.Repeat("x", 5000))}},
		{"trailing-garbage", card.ReasonFileLayout, change{text: add("bye\n")}},
		{"trailing-nuls", card.ReasonFileLayout, change{text: add(strings.Repeat("\x00", 512))}},
		{"trailer-twice", card.ReasonFileLayout, change{text: lines(insert(-1, "T|3|0"))}},
		{"header-twice", card.ReasonFileLayout, change{text: lines(func(l []string) []string { return slices.Insert(l, 1, l[0]) })}},
		{"header-missing", card.ReasonFileLayout, change{text: lines(func(l []string) []string { return l[1:] })}},
		{"header-of-another-kind", card.ReasonFileLayout, change{text: replace("H|ACCTRET|", "H|ACCTENR|")}},
		{"header-of-another-version", card.ReasonFileLayout, change{text: replace("H|ACCTRET|1|", "H|ACCTRET|2|")}},
		{"header-of-another-name", card.ReasonFileName, change{text: replace("|ICBC_ACCTRET_", "|CCB_ACCTRET_")}},
		{"header-of-another-date", card.ReasonFileName, change{text: replace("|20261121|", "|20261120|")}},
		{"header-answers-another-file", card.ReasonFileAnswered, change{text: replace("|ICBC_ACCTREQ_20261121_", "|ICBC_ACCTREQ_20261120_")}},
		{"header-answers-nothing", card.ReasonFileAnswered, change{text: lines(func(l []string) []string {
			l[0] = l[0][:strings.LastIndexByte(l[0], '|')+1]
			return l
		})}},
		{"rows-reordered", card.ReasonFileLayout, change{text: lines(swap(1, 2))}},
		{"row-again-with-other-content", card.ReasonFileRepeatedRow, change{promise: func(p *promise) { p.rows = "4" },
			text: lines(func(l []string) []string {
				l[len(l)-1] = "T|4|0"
				return slices.Insert(l, 2, strings.Replace(l[1], "|00|", "|E09|", 1))
			})}},
		{"fields-missing", card.ReasonFileLayout, change{text: lines(func(l []string) []string { l[1] = "D|1|2"; return l })}},
		{"fields-too-many", card.ReasonFileLayout, change{text: field(6, "a|b")}},
		{"ref-with-a-leading-zero", card.ReasonFileLayout, change{text: field(1, "01")}},
		{"ref-negative", card.ReasonFileLayout, change{text: field(1, "-1")}},
		{"row-unknown", card.ReasonFileUnknownRow, change{text: lines(func(l []string) []string {
			fields := strings.Split(l[3], "|")
			fields[1] = "999999"
			l[3] = strings.Join(fields, "|")
			return l
		})}},
		{"card-number-of-another-row", card.ReasonFileOtherCard, change{text: lines(func(l []string) []string {
			one, two := strings.Split(l[1], "|"), strings.Split(l[2], "|")
			one[2], two[2] = two[2], one[2]
			l[1], l[2] = strings.Join(one, "|"), strings.Join(two, "|")
			return l
		})}},
		{"pan-of-somebody-else", card.ReasonFileUsedAccount, change{text: field(3, card.SynthesizePAN("629999", 1))}},
		{"pan-in-two-rows", card.ReasonFileUsedAccount, change{text: lines(func(l []string) []string {
			one, two := strings.Split(l[1], "|"), strings.Split(l[2], "|")
			two[3] = one[3]
			l[2] = strings.Join(two, "|")
			return l
		})}},
	}
}

// badManifests are files that are not what their manifests say, or whose manifests are none.
func badManifests() []bad {
	set := func(edit func(*promise)) change { return change{promise: edit} }
	return []bad{
		{"truncated", card.ReasonFileSize, change{promise: func(p *promise) { p.size = "4096" }}},
		{"longer-than-declared", card.ReasonFileSize, set(func(p *promise) { p.size = "100" })},
		{"digest", card.ReasonFileDigest, set(func(p *promise) { p.sm3 = strings.Repeat("0a", 32) })},
		{"bomb-size", card.ReasonFileTooLarge, set(func(p *promise) { p.size = strconv.Itoa(1 << 40) })},
		{"bomb-manifest", card.ReasonFileManifest, change{manifest: func([]byte) []byte { return bytes.Repeat([]byte("manifest=1\n"), 1000) }}},
		{"manifest-version", card.ReasonFileManifest, set(func(p *promise) { p.version = "2" })},
		{"manifest-name-of-another-file", card.ReasonFileName, set(func(p *promise) { p.name = strings.Replace(p.name, "ACCTRET", "ACCTENR", 1) })},
		{"manifest-name-is-a-path", card.ReasonFileManifest, set(func(p *promise) { p.name = "../../" + p.name })},
		{"manifest-layout-of-another-kind", card.ReasonFileLayout, set(func(p *promise) { p.layout = "CARDRET/1" })},
		{"manifest-layout-of-another-version", card.ReasonFileLayout, set(func(p *promise) { p.layout = "ACCTRET/2" })},
		{"manifest-layout-malformed", card.ReasonFileManifest, set(func(p *promise) { p.layout = "acctret" })},
		{"manifest-date", card.ReasonFileManifest, set(func(p *promise) { p.date = "20261120" })},
		{"manifest-sequence", card.ReasonFileManifest, set(func(p *promise) { p.sequence = "999" })},
		{"manifest-sequence-with-zeros", card.ReasonFileManifest, set(func(p *promise) { p.sequence = "0" + p.sequence })},
		{"manifest-size-negative", card.ReasonFileManifest, set(func(p *promise) { p.size = "-1" })},
		{"manifest-rows-no-number", card.ReasonFileManifest, set(func(p *promise) { p.rows = "three" })},
		{"manifest-rows-impossible", card.ReasonFileManifest, set(func(p *promise) { p.rows = "100000" })},
		{"manifest-total-negative", card.ReasonFileManifest, set(func(p *promise) { p.total = "-5" })},
		{"manifest-digest-in-capitals", card.ReasonFileManifest, set(func(p *promise) { p.sm3 = strings.ToUpper(p.sm3) })},
		{"manifest-crlf", card.ReasonFileManifest, change{manifest: func(m []byte) []byte { return bytes.ReplaceAll(m, []byte("\n"), []byte("\r\n")) }}},
		{"manifest-line-missing", card.ReasonFileManifest, change{manifest: replace("total=0\n", "")}},
		{"manifest-lines-reordered", card.ReasonFileManifest, change{manifest: replace("manifest=1\nname=", "name=x\nmanifest=")}},
		{"manifest-more-lines", card.ReasonFileManifest, change{manifest: add("note=hello\n")}},
		{"manifest-byte-order-mark", card.ReasonFileManifest, change{manifest: front("\xef\xbb\xbf")}},
		{"manifest-empty", card.ReasonFileManifest, change{manifest: func([]byte) []byte { return nil }}},
		{"signature-by-another-key", card.ReasonFileSignature, change{stranger: true}},
		{"signature-of-another-text", card.ReasonFileSignature, change{manifest: replace("rows=3", "rows=2")}},
		{"signature-no-hex", card.ReasonFileManifest, change{manifest: replace("signature=30", "signature=zz")}},
		{"signature-missing", card.ReasonFileManifest, change{manifest: func(m []byte) []byte { return m[:bytes.Index(m, []byte("signature="))] }}},
	}
}

// Every bad file is quarantined with its own reason, nothing of it is applied, its partner is told, its bytes are kept; and
// the good file that follows under the same name is applied whole.
func TestBadAnswersAreQuarantined(t *testing.T) {
	t.Parallel()
	cases := append(badContents(), badManifests()...)
	require.GreaterOrEqual(t, len(cases), 60)
	w := newWorld(t, len(cases)+1, badPath(partnerKey))
	w.goodAnswer(0)
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) { w.refuses(t, i+1, c) })
	}
}

// goodAnswer takes a batch through its account openings.
func (w *world) goodAnswer(n int) {
	w.t.Helper()
	step, request, orders := w.asked(n)
	f := request.Answer(card.AcctRet)
	w.lay("ICBC", change{}.letter(w.t, f, accounts(request, orders), batchRows))
	tally, err := w.bank.CollectAccounts(w.t.Context(), step)
	require.NoError(w.t, err)
	require.Equal(w.t, card.Tally{Done: batchRows}, tally)
}

func (w *world) refuses(t *testing.T, n int, c bad) {
	ctx := t.Context()
	step, request, orders := w.asked(n)
	f, good := request.Answer(card.AcctRet), accounts(request, orders)
	files := fixture(t, c.name, func() map[string][]byte { return c.letter(t, f, good, batchRows) })
	w.lay("ICBC", files)
	for range 2 { // a second look says the same, and changes nothing
		_, err := w.bank.CollectAccounts(ctx, step)
		requireWaits(t, err, c.reason)
	}
	record, err := w.ledger.FindFile(ctx, f)
	require.NoError(t, err)
	require.Equal(t, "quarantined", record.Stage)
	require.Equal(t, c.reason, record.Reason)
	w.requireNothingApplied(t, step.Batch)
	w.requireKept(t, f, files)
	w.requireTold(t, f, c.reason)

	w.lay("ICBC", change{}.letter(t, f, good, batchRows))
	tally, err := w.bank.CollectAccounts(ctx, step)
	require.NoError(t, err)
	require.Equal(t, card.Tally{Done: batchRows}, tally)
	verdicts, err := w.ledger.FileVerdicts(ctx, f)
	require.NoError(t, err)
	require.Len(t, verdicts, 2)
	require.Equal(t, card.Accepted, verdicts[1].Outcome)
	require.Len(t, w.receipts(f), 2)
}

func (w *world) requireNothingApplied(t *testing.T, b card.BatchID) {
	t.Helper()
	left := 0
	for _, err := range w.ledger.AccountOrders(t.Context(), b) {
		require.NoError(t, err)
		left++
	}
	require.Equal(t, batchRows, left, "all rows wait for the bank still")
}

// requireKept asserts that the bytes that were refused, the file's or its manifest's, lie in quarantine.
func (w *world) requireKept(t *testing.T, f card.File, files map[string][]byte) {
	t.Helper()
	copies, err := w.x.Copies(f)
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(copies, func(c exchange.Copy) bool {
		if c.Place != "quarantine" || c.Why == "" {
			return false
		}
		if c.Manifest {
			return c.Size == int64(min(len(files[f.Name()+".ok"]), 4097))
		}
		return c.SM3 == promiseOf(f, files[f.Name()], 0).sm3
	}))
}

// requireTold asserts that the refusal is recorded with its place, and that the partner has one receipt about it.
func (w *world) requireTold(t *testing.T, f card.File, reason card.Reason) {
	t.Helper()
	verdicts, err := w.ledger.FileVerdicts(t.Context(), f)
	require.NoError(t, err)
	require.Len(t, verdicts, 1)
	v := verdicts[0]
	require.Equal(t, reason, v.Whole.Reason)
	require.NotEmpty(t, v.SM3)
	require.NotEmpty(t, v.Whole.Found)
	require.NotEmpty(t, v.Whole.Expected)
	require.NotContains(t, v.Whole.Found, "629999", "no personal data")
	require.NotNil(t, v.ReceiptAt)
	receipts := w.receipts(f)
	require.Len(t, receipts, 1)
	require.Contains(t, receipts[0], "|F|02|"+string(reason)+"|")
}
