package postgres_test

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/evidence"
	"onecard/connectors/postgres"
)

// hubKey signs packs.
type hubKey struct{ key *sm2.PrivateKey }

func newHubKey(t *testing.T) hubKey {
	t.Helper()
	key, err := sm2.GenerateKey(rand.Reader)
	require.NoError(t, err)
	return hubKey{key}
}

func (k hubKey) Sign(text []byte) ([]byte, error) {
	return k.key.Sign(rand.Reader, text, sm2.NewSM2SignerOption(true, nil))
}

func (k hubKey) PublicKey() (string, error) {
	point, err := sm2.PublicKeyToECDH(&k.key.PublicKey)
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(point.Bytes()), nil
}

// paid is a rollout of six people in two batches: one payment came back, one is unknown, and three rows were refused at intake.
func (p *programme) paid(t *testing.T) (card.RolloutID, []card.Person) {
	t.Helper()
	people := p.holders(6)
	rows := append(payRows(people, 10_000),
		postgres.PayRow{Number: 7, SSN: people[0].SSN, Name: people[0].Name, Fen: 1},
		postgres.PayRow{Number: 8, SSN: "440600195010300363", Name: "无卡", Fen: 1},
		postgres.PayRow{Number: 9, SSN: "x", Fen: 0, Reasons: []card.Reason{card.ReasonIDLength}})
	id, err := p.payout("2026-01", rows)
	require.NoError(t, err)
	v, err := p.Show(t.Context(), id, false)
	require.NoError(t, err)
	p.ready(id, p.approver("checker1", card.RoleChecker), p.approver("releaser1", card.RoleReleaser))
	p.pay(t, v.Batches[0].ID, answers{1: "ACCT_CLOSED", 2: ""})
	p.pay(t, v.Batches[1].ID, nil)
	return id, people
}

// pack writes the evidence of a rollout.
func (p *programme) pack(t *testing.T, id card.RolloutID, key evidence.Key) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, p.ReadEvidence(t.Context(), id, func(e *postgres.Evidence) error {
		w := evidence.NewWriter(&b, key)
		require.NoError(t, w.Text(evidence.ReadMe, "what is inside"))
		if _, err := e.WriteTo(t.Context(), w); err != nil {
			return err
		}
		return w.Close()
	}))
	return b.Bytes()
}

func verified(t *testing.T, pack []byte, key string) evidence.Report {
	t.Helper()
	r, err := evidence.Verify(bytes.NewReader(pack), int64(len(pack)), key)
	require.NoError(t, err)
	return r
}

// failed are the names of the checks that do not hold.
func failed(r evidence.Report) (names []string) {
	for _, c := range r.Checks {
		if !c.Holds {
			names = append(names, c.Name)
		}
	}
	return names
}

// TestEvidenceIsCheckedWithoutTheHub makes a pack, which holds, and changes it in every way that somebody could gain from.
func TestEvidenceIsCheckedWithoutTheHub(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	id, people := p.paid(t)
	key := newHubKey(t)
	public, err := key.PublicKey()
	require.NoError(t, err)
	pack := p.pack(t, id, key)
	r := verified(t, pack, public)
	require.Empty(t, failed(r), "%+v", r)
	require.True(t, r.Trusted)
	require.Equal(t, string(id), r.Rollout)
	for _, person := range people {
		for _, e := range entriesOf(t, pack) {
			require.NotContains(t, e.text, person.SSN, e.name)
			require.NotContains(t, e.text, person.Name, e.name)
		}
	}
	other, err := newHubKey(t).PublicKey()
	require.NoError(t, err)
	require.Contains(t, failed(verified(t, pack, other)), "seal", "a key that is not the hub's")
	p.approver("checker1", card.RoleChecker)
	require.Empty(t, failed(verified(t, p.pack(t, id, key), public)), "an approver who has another key now had this one then")
	t.Run("any byte", func(t *testing.T) { everyByteCounts(t, pack, public) })
	t.Run("resigned", func(t *testing.T) { forgeriesShow(t, pack, key) })
}

// everyByteCounts flips bits all over the pack: at a step that meets every part, and all of its end.
func everyByteCounts(t *testing.T, pack []byte, key string) {
	step := 211
	for i := 0; i < len(pack); i += step {
		if i > len(pack)-400 {
			step = 1
		}
		bad := bytes.Clone(pack)
		bad[i] ^= 0x20
		r, err := evidence.Verify(bytes.NewReader(bad), int64(len(bad)), key)
		require.False(t, err == nil && r.Holds(), "byte %d of %d", i, len(pack))
	}
	longer := append(bytes.Clone(pack), 0)
	r, err := evidence.Verify(bytes.NewReader(longer), int64(len(longer)), key)
	require.False(t, err == nil && r.Holds(), "a byte more")
}

type packEntry struct{ name, text string }

func entriesOf(t *testing.T, pack []byte) (all []packEntry) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(pack), int64(len(pack)))
	require.NoError(t, err)
	for _, f := range z.File {
		in, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(in)
		require.NoError(t, err)
		all = append(all, packEntry{f.Name, string(text)})
	}
	return all
}

// forgeriesShow has somebody who holds the hub's key change what is inside and sign it anew: what it says no longer agrees.
func forgeriesShow(t *testing.T, pack []byte, key hubKey) {
	for _, c := range []struct {
		name, entry, from, to string
		shows                 []string
	}{
		{"an amount", "rows.jsonl", `"fen":10002`, `"fen":90002`, []string{"content_hash", "reconciliation", "file_sums"}},
		{"a card", "rows.jsonl", `"card":"E`, `"card":"F`, []string{"content_hash"}},
		{"an outcome", "rows.jsonl", `"status":"P50"`, `"status":"P40"`, []string{"reconciliation", "exceptions"}},
		{"another's instruction", "rows.jsonl", `.0000003.1"`, `.0000004.1"`, []string{"instructions_once"}},
		{"a file's sum", "files.jsonl", `"total_fen":4000`, `"total_fen":5000`, []string{"file_sums"}},
		{"who approved", "approvals.json", `"by": "checker1"`, `"by": "checker2"`, []string{"approvals"}},
		{"an approval left out", "approvals.json", `"role": "releaser"`, `"role": "finance"`, []string{"approvals"}},
		{"the rules", "rules.txt", "100000", "900000", []string{"content_hash"}},
		{"the roster", "rollout.json", `"roster_sm3": "01`, `"roster_sm3": "02`, []string{"audit_chain"}},
		{"the control totals", "rollout.json", `"declared_fen": 60017`, `"declared_fen": 60018`, []string{"roster_totals"}},
		{"who made it", "rollout.json", `"made_by": "maker1"`, `"made_by": "maker2"`, []string{"audit_chain"}},
		{"a signature", "approvals.json", `"signature": "30`, `"signature": "31`, []string{"approvals"}},
		{"history", "audit.jsonl", `"who":"checker1"`, `"who":"checker9"`, []string{"audit_chain", "approvals"}},
		{"a reason", "exceptions.jsonl", `"reason":"ACCT_CLOSED"`, `"reason":""`, []string{"exceptions"}},
		{"the reconciliation", "reconciliation.json", `"fen": 10000`, `"fen": 10009`, []string{"reconciliation"}},
	} {
		forged := repack(t, pack, key, func(e packEntry) (packEntry, bool) {
			if e.name == c.entry {
				require.Contains(t, e.text, c.from, c.name)
				e.text = strings.Replace(e.text, c.from, c.to, 1)
			}
			return e, true
		})
		require.Subset(t, failed(verified(t, forged, "")), c.shows, c.name)
	}
	for _, e := range entriesOf(t, pack) {
		if strings.HasPrefix(e.name, "MANIFEST") || e.name == "traces.jsonl" || e.name == "follows.jsonl" {
			continue
		}
		short := repack(t, pack, key, func(x packEntry) (packEntry, bool) { return x, x.name != e.name })
		require.NotEmpty(t, failed(verified(t, short, "")), "without %s", e.name)
	}
	requireKind(t, verifyText("no archive"), card.Invalid, card.ReasonEvidenceShape)
}

func verifyText(text string) error {
	_, err := evidence.Verify(strings.NewReader(text), int64(len(text)), "")
	return err
}

// repack writes a pack anew with the key, with what change makes of its entries.
func repack(t *testing.T, pack []byte, key evidence.Key, change func(packEntry) (packEntry, bool)) []byte {
	t.Helper()
	var b bytes.Buffer
	w := evidence.NewWriter(&b, key)
	for _, e := range entriesOf(t, pack) {
		if e, keep := change(e); keep && !strings.HasPrefix(e.name, "MANIFEST") {
			require.NoError(t, w.Text(e.name, e.text))
		}
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// TestRawFilesCarryTheInstructionsOnce packs what was sent: a file that carries an instruction twice, or another file's, shows.
func TestRawFilesCarryTheInstructionsOnce(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	id, _ := p.paid(t)
	key := newHubKey(t)
	bare := p.pack(t, id, key)
	first := "PAYREQ of batch 1: " + strings.Join([]string{
		card.NewInstruction(id, 1, 1), card.NewInstruction(id, 2, 1), card.NewInstruction(id, 3, 1), card.NewInstruction(id, 4, 1)}, "|")
	second := "PAYREQ of batch 2: " + card.NewInstruction(id, 5, 1) + "|" + card.NewInstruction(id, 6, 1)
	require.Empty(t, failed(verified(t, withRaw(t, bare, key, first, second), "")))
	for name, wrong := range map[string][2]string{
		"sent twice":    {first, second + "|" + card.NewInstruction(id, 5, 1)},
		"of the other":  {first + "|" + card.NewInstruction(id, 6, 1), second},
		"one left away": {strings.Replace(first, card.NewInstruction(id, 3, 1), "", 1), second},
	} {
		require.Equal(t, []string{"raw_files"}, failed(verified(t, withRaw(t, bare, key, wrong[0], wrong[1]), "")), name)
	}
}

// withRaw puts the raw bytes of the two money files into a pack, and their digests on record.
func withRaw(t *testing.T, pack []byte, key evidence.Key, texts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := evidence.NewWriter(&b, key)
	for _, e := range entriesOf(t, pack) {
		if strings.HasPrefix(e.name, "MANIFEST") {
			continue
		}
		if e.name == "files.jsonl" {
			for i, text := range texts {
				e.text = strings.Replace(e.text, strings.Repeat("0", 63)+string(rune('1'+i)), sm3Of(text), 1)
			}
		}
		require.NoError(t, w.Text(e.name, e.text))
	}
	for _, line := range strings.Split(strings.TrimSpace(entryText(t, pack, "files.jsonl")), "\n") {
		for i, text := range texts {
			if strings.Contains(line, strings.Repeat("0", 63)+string(rune('1'+i))) {
				name, _, _ := strings.Cut(strings.TrimPrefix(line, `{"name":"`), `"`)
				require.NoError(t, w.Text(evidence.FilesOut+name, text))
			}
		}
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

func entryText(t *testing.T, pack []byte, name string) string {
	t.Helper()
	for _, e := range entriesOf(t, pack) {
		if e.name == name {
			return e.text
		}
	}
	require.Fail(t, "no such entry", name)
	return ""
}

func sm3Of(text string) string {
	sum := sm3.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// TestEvidenceOfWhatCameLater packs a rollout after a payment came back by a file of no rollout, after cards changed and a sample was
// verified: it still holds, and tells of them.
func TestEvidenceOfWhatCameLater(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	id, people := p.paid(t)
	h, err := p.PayHistory(t.Context(), id, 5)
	require.NoError(t, err)
	back := card.File{Partner: "ICBC", Kind: card.PayBack, Date: "20260105", Seq: 1}
	require.NoError(t, p.ApplyPaybacks(t.Context(), back, []card.PayAnswer{{Ref: 1, Instruction: h.Instruction, Number: h.Card, Fen: h.Fen,
		Result: "ACCT_FROZEN", Reason: card.ReasonPayFrozen}}, nil))
	p.meets(t, id, 2, card.PayDied)
	again, err := p.payout("2026-01", payRows(people[4:5], 10_000))
	require.NoError(t, err)
	sample, err := p.DrawSample(t.Context(), id, card.SamplePlan{Confidence: 0.9, Margin: 0.3}, 1, "auditor1")
	require.NoError(t, err)
	require.Positive(t, sample.Size)
	key := newHubKey(t)
	pack := p.pack(t, id, key)
	require.Empty(t, failed(verified(t, pack, "")))
	for entry, text := range map[string]string{
		"files.jsonl": back.Name(), "exceptions.jsonl": "ACCT_FROZEN", "traces.jsonl": `"action":"recover"`, "follows.jsonl": string(again), "samples.json": `"size": `,
		"reconciliation.json": `"returned"`, "timeline.jsonl": postgres.EventPayback,
	} {
		require.Contains(t, entryText(t, pack, entry), text, entry)
	}
	require.Empty(t, failed(verified(t, p.pack(t, again, key), "")), "a draft, with nothing sent and nobody's approval")
	require.Error(t, p.ReadEvidence(t.Context(), "R20260101-999", func(*postgres.Evidence) error { return nil }))
}
