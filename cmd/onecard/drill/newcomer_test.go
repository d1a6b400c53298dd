package drill_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/conformance"
	exchange "onecard/connectors/exchange/sim"
)

// TestNewPartnerWithoutGo brings a second bank in by commands alone: with layouts of its own in TOML, in GBK, and a key of its own, tested,
// signed by two people; and then cards go through it. Before that it takes no part. The bureau and civil affairs have layouts of their own too.
func TestNewPartnerWithoutGo(t *testing.T) {
	b := enter(t).lodger(t, "ICBC")
	b.argv = append(b.argv, named("BUREAU=", "bureau-cardreq", "bureau-cardret")...)
	b.argv = append(b.argv, named("CIVIL=", "county-matchreq", "county-matchret")...)
	b.start()
	b.configure(func(c *config.Config) { c.Issuance.CanaryRows = 5 })
	own := b.ownLayouts()
	ccb := b.newcomer("CCB", named("CCB=", own...)...)

	before, err := os.ReadFile(filepath.Join(b.dir(), "onecard.toml"))
	require.NoError(t, err)
	b.requireHostKeyConfirmed(ccb, named("", own...))
	after, err := os.ReadFile(filepath.Join(b.dir(), "onecard.toml"))
	require.NoError(t, err)
	require.Equal(t, string(before), string(after), "the operator's own file is not touched")

	both := b.sample(40, "--banks", "102,105")
	out, code := b.try("", "partner", "go-live", "CCB", "--as", "anna")
	require.Equal(t, 3, code)
	require.Contains(t, out, string(card.ReasonPartnerUntested))
	id := b.create(both)
	require.Positive(t, b.show(id).Counts.Refused)
	require.Contains(t, b.onecard("rollout", "preview", id), string(card.ReasonPartnerNotLive))

	b.requireTested("CCB")
	b.requireLiveByTwo("CCB")

	id = b.run(b.rareName(b.sample(60, "--banks", "105")))
	b.await(id, card.RolloutDone)
	v := b.show(id)
	b.requireSound(v)
	require.Equal(t, v.Counts.Rows, v.Counts.Active+v.Counts.Refused+v.Counts.Failed)
	require.Positive(t, v.Counts.Failed, "names that GBK cannot carry")
	others, ok := b.count("select count(*) from issuance_item i join rollout r on r.no = i.rollout where r.id = $1 and i.reason is not null and i.reason <> $2",
		id, string(card.ReasonNameUnencodable))
	require.True(t, ok)
	require.Zero(t, others, "rows that failed for another reason")
	require.Positive(t, v.Counts.Active)
	b.requireSuspension(both)
}

// rareName gives the last person of a roster, who is not in the canary, a name with a character of four bytes.
func (b *hub) rareName(roster string) string {
	b.Helper()
	text, err := os.ReadFile(roster)
	require.NoError(b, err)
	begin := strings.LastIndexByte(strings.TrimSpace(string(text)), '\n') + 1
	cells := strings.Split(string(text[begin:]), ",")
	cells[2] = "样本𠮷"
	require.NoError(b, os.WriteFile(roster, append(text[:begin], strings.Join(cells, ",")...), 0o600))
	return roster
}

// ownLayouts writes the bank's layouts: the standard ones in GBK, with semicolons.
func (b *hub) ownLayouts() []string {
	b.Helper()
	var paths []string
	for _, kind := range []string{"acctreq", "acctret", "acctenq", "acctenr", "actreq", "actret"} {
		text := b.onecard("partner", "layout", "show", "standard-"+kind)
		text = strings.Replace(text, `delimiter = "|"`, `delimiter = ";"`, 1)
		text = strings.Replace(text, `"standard-`, `"ccb-`, 1)
		text = strings.Replace(text, `"GB18030"`, `"GBK"`, 1)
		require.Contains(b, text, `"GBK"`)
		path := b.beside("ccb-" + kind + ".toml")
		require.NoError(b, os.WriteFile(path, []byte(text), 0o600))
		paths = append(paths, path)
	}
	return paths
}

// named are the flags that name layouts, each behind a prefix.
func named(prefix string, layouts ...string) []string {
	var flags []string
	for _, l := range layouts {
		flags = append(flags, "--layout", prefix+l)
	}
	return flags
}

// newcomer is what a bank tells of itself.
type newcomer struct {
	exchange.Card
	LoginKey string `json:"login_key"`
}

// newcomer runs another bank in a program of its own, which has the hub's keys.
func (b *hub) newcomer(bank string, flags ...string) newcomer {
	b.Helper()
	dir := b.beside("newcomer")
	key := filepath.Join(b.dir(), "keys", "ssh.pub")
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, filepath.Join(b.program, "partners"), append([]string{"--dir", dir, "--partners", bank,
		"--hub-key", key, "--hub-sign-key", filepath.Join(b.dir(), "keys", "sign.pem.pub")}, flags...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(b, cmd.Start())
	b.Cleanup(func() {
		stop()
		_ = cmd.Wait() // it was killed
	})
	var list struct{ Partners []newcomer }
	b.eventually("the new bank listens", func() bool {
		text, err := os.ReadFile(filepath.Join(dir, "partners.json"))
		return err == nil && json.Unmarshal(text, &list) == nil && len(list.Partners) == 1
	})
	require.NoError(b, os.Symlink(filepath.Join(dir, bank), b.partner(bank)), "its books are found beside those of the others")
	return list.Partners[0]
}

// requireHostKeyConfirmed adds the bank: not by a key that was only scanned, but once its fingerprint is confirmed.
func (b *hub) requireHostKeyConfirmed(ccb newcomer, layouts []string) {
	b.Helper()
	sm2 := b.note("ccb.sm2", ccb.SM2PublicKey)
	args := append([]string{"partner", "add", "CCB", "--kind", "bank", "--bank", "105", "--address", ccb.Address, "--user", ccb.User,
		"--verify-key-file", sm2, "--poll", "1s"}, layouts...)
	out, code := b.try("", args...)
	require.Equal(b, 3, code)
	require.Contains(b, out, string(card.ReasonHostKeyUnconfirmed))
	out, code = b.try("", append(args, "--host-key-fingerprint", "SHA256:wrong")...)
	require.Equal(b, 3, code)
	require.Contains(b, out, string(card.ReasonHostKeyDiffers))
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(ccb.HostKey))
	require.NoError(b, err)
	out = b.onecard(append(args, "--host-key-fingerprint", ssh.FingerprintSHA256(key))...)
	require.Contains(b, out, "onboarding")
	out, code = b.try("", append(args, "--host-key-fingerprint", ssh.FingerprintSHA256(key))...)
	require.Equal(b, 3, code)
	require.Contains(b, out, string(card.ReasonPartnerExists))
}

// note writes a line into a file beside the hub, and returns where.
func (b *hub) note(name, line string) string {
	b.Helper()
	require.NoError(b, os.WriteFile(b.beside(name), []byte(line+"\n"), 0o600))
	return b.beside(name)
}

// requireTested has a green report of the bank, in each form, and nothing of the test among the bank's real doings.
func (b *hub) requireTested(bank string) {
	b.Helper()
	report := b.beside("report.json")
	b.onecard("partner", "test", bank, "-o", report, "--as", "anna")
	text, err := os.ReadFile(report)
	require.NoError(b, err)
	r := decode[conformance.Report](b.T, string(text))
	require.True(b, r.Green())
	require.GreaterOrEqual(b, r.Count(conformance.Passed), 40)
	b.onecard("partner", "show", bank, "--report", b.beside("report.xlsx"))
	b.onecard("partner", "show", bank, "--report", b.beside("report.md"))
	books, err := os.ReadFile(b.partner(bank, "ledger.csv"))
	require.NoError(b, err)
	require.NotContains(b, string(books), "opened", "no account was opened for a test")
	require.Contains(b, b.onecard("partner", "list"), "green")
}

// requireLiveByTwo has the bank go live: one person asks, and only another can confirm.
func (b *hub) requireLiveByTwo(bank string) {
	b.Helper()
	b.onecard("partner", "go-live", bank, "--as", "anna")
	b.refused(card.ReasonSecondPerson, "partner", "approve", bank, "--as", "anna")
	require.Contains(b, b.onecard("partner", "approve", bank, "--as", "bo"), "live")
	require.Contains(b, b.onecard("partner", "show", bank), "anna")
}

// requireSuspension takes the bank out: what was live is so no more, and a changed file makes its report worth nothing.
func (b *hub) requireSuspension(roster string) {
	b.Helper()
	b.onecard("partner", "suspend", "CCB", "--reason", "演练", "--as", "bo")
	id := b.create(roster)
	require.Contains(b, b.onecard("rollout", "preview", id), string(card.ReasonPartnerNotLive))
	file := filepath.Join(b.dir(), config.AddedFolder, "CCB.toml")
	text, err := os.ReadFile(file)
	require.NoError(b, err)
	require.NoError(b, os.WriteFile(file, []byte(strings.Replace(string(text), `poll = "1s"`, `poll = "3s"`, 1)), 0o600))
	out, code := b.try("", "partner", "go-live", "CCB", "--as", "anna")
	require.Equal(b, 3, code)
	require.Contains(b, out, string(card.ReasonPartnerStale))
}
