package drill_test

import (
	"fmt"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/cmd/onecard/internal/local"
)

// everybody are the partners of TestKilledServers.
var everybody = []string{"ICBC", "ABC", "CCB", "BOC", "CIVIL", "BUREAU", "OUTLET"}

// TestKilledServers kills PostgreSQL, Temporal, the partners and the supervisor in the middle of a rollout with canary
// people in it, has partners send answers full of personal data in all the wrong places, and searches for the canaries.
func TestKilledServers(t *testing.T) {
	b := enter(t).alone(t)
	b.argv = append(b.argv, "--banks", "ICBC,ABC,CCB,BOC")
	b.rules(fmt.Sprintf(slow, "*", "ACCTREQ") + fmt.Sprintf(slow, "BUREAU", "CARDREQ") + failures)
	b.start()
	b.configure(func(c *config.Config) { c.Issuance.CanaryThreshold = 1 })
	roster := b.sample(1000, "--banks", "102,103,105,104", "--bad", "0.03")
	b.plant(roster, 0, 30, 12)
	id := b.run(roster)
	for n, victim := range []string{"postgres", "temporal", "partners", "worker"} {
		b.progress(2 + 4*n)
		b.kill(victim, syscall.SIGKILL)
	}
	b.progress(18)
	require.NoError(t, syscall.Kill(b.process.Pid(), syscall.SIGKILL))
	<-b.process.Done()
	b.launch()
	b.await(id, card.RolloutDone)
	v := b.show(id)
	b.requireSound(v)
	b.requireAgreed(v, everybody[:4]...)
	b.requireOnce(everybody[:4]...)
	require.Equal(t, v.Counts.Rows-v.Counts.Active, b.explained(id))
	require.Positive(t, v.Counts.Failed)

	b.mislead()
	b.requireNoCanaries()
}

// failures have rows fail at every partner.
const failures = `[[rule]]
partner = "CIVIL"
kind = "MATCHREQ"
do = "refuse"
code = "02"
share = 0.03
[[rule]]
partner = "*"
kind = "ACCTREQ"
do = "refuse"
code = "E01"
share = 0.03
[[rule]]
partner = "BUREAU"
kind = "CARDREQ"
do = "refuse"
code = "M01"
share = 0.03
times = 2
[[rule]]
partner = "OUTLET"
kind = "DISPATCH"
do = "refuse"
code = "R"
share = 0.03
`

// progress waits until the partners have dealt with so many files.
func (b *hub) progress(files int) {
	b.Helper()
	b.eventually(fmt.Sprintf("%d files have come through", files), func() bool { return b.sent(everybody...) >= files })
}

// mislead runs a second rollout, in which the bank and the outlets send personal data where none belongs.
func (b *hub) mislead() {
	b.Helper()
	b.rules(fmt.Sprintf(mute, "ICBC", "ACCTREQ") + fmt.Sprintf(mute, "OUTLET", "DISPATCH"))
	roster := b.sample(20, "--banks", "102", "--seed", "2")
	b.plant(roster, 50, 20, 6)
	id := b.run(roster)
	asked := b.awaitFile(id, "ACCTREQ", "confirmed")
	b.forgeAccounts(id, asked)
	told := b.awaitFile(id, "DISPATCH", "confirmed")
	b.forgeReports(id, told)
	b.rules(fmt.Sprintf(mute, "ICBC", "ACCTREQ"))
	b.await(id, card.RolloutDone)
	b.requireSound(b.show(id))
	b.onecard("rollout", "timeline", id)
	b.onecard("rollout", "timeline", id, "-o", "json")
	b.onecard("rollout", "report", id, "-o", b.beside("report.xlsx"))
	b.onecard("rollout", "preview", id)
	_, code := b.try("", "rollout", "create", "issuance", "--name", "坏", "--roster", b.headless(), "--as", "maker")
	require.Equal(b, 3, code)
}

// awaitFile waits until a rollout's file of a kind stands at the state, and returns its name.
func (b *hub) awaitFile(id, kind, state string) (name string) {
	b.Helper()
	b.eventually(kind+" is "+state, func() bool {
		conn := b.connect(b.ledger())
		defer func() { require.NoError(b, conn.Close(b.Context())) }()
		err := conn.QueryRow(b.Context(), `
			select f.partner || '_' || f.kind || '_' || f.business_date || '_' || lpad(f.sequence::text, 6, '0') || '.txt'
			from exchange_file f join rollout r on r.no = f.rollout where r.id = $1 and f.kind = $2 and f.state = $3`, id, kind, state).Scan(&name)
		return err == nil
	})
	return name
}

// forgeAccounts answers for the bank: twice with what cannot be taken, and then for one row only, with a reason that tells
// more than it should.
func (b *hub) forgeAccounts(id, asked string) {
	b.Helper()
	f, err := card.ParseFileName(asked)
	require.NoError(b, err)
	answer := f.Answer(card.AcctRet)
	p := canary(1)
	number := p[colNumber]
	b.forge("ICBC", answer.Name(), asked, fmt.Sprintf("D|1|%s|%s|%s|%s|%s", number, p[colName], p[colPhone], markAddress, p[colName]))
	require.Equal(b, answer.Name(), b.awaitFile(id, "ACCTRET", "quarantined"))
	ref, cardNo := b.anyCard(id)
	b.forge("ICBC", answer.Name(), asked, fmt.Sprintf("D|%d|%s|||E09|%s%s%s%s", ref, cardNo, number, p[colName], p[colPhone], markAddress))
	b.awaitFile(id, "ACCTRET", "processed")
}

// anyCard is a row of a rollout and its card number.
func (b *hub) anyCard(id string) (ref int, cardNo string) {
	b.Helper()
	conn := b.connect(b.ledger())
	require.NoError(b, conn.QueryRow(b.Context(), `
		select i.row_no, i.card_no from issuance_item i join rollout r on r.no = i.rollout
		where r.id = $1 and i.card_no is not null and i.reason is null order by 1 limit 1`, id).Scan(&ref, &cardNo))
	require.NoError(b, conn.Close(b.Context()))
	return ref, cardNo
}

// forgeReports reports for the outlets: nonsense, and a hand-over by a clerk who gives a citizen's name for a code.
func (b *hub) forgeReports(id, dispatch string) {
	b.Helper()
	f, err := card.ParseFileName(dispatch)
	require.NoError(b, err)
	p := canary(2)
	name := func(n int) string {
		return card.File{Partner: "OUTLET", Kind: card.Report, Date: f.Date, Seq: n}.Name()
	}
	b.forge("OUTLET", name(900_001), "", fmt.Sprintf("D|1|%s|%s|%s|%s|%s|%s", p[colNumber], p[colName], p[colPhone], markAddress, p[colName], dispatch))
	ref, cardNo := b.anyCard(id)
	b.forge("OUTLET", name(900_002), "", fmt.Sprintf("D|%d|%s|H|%s120000|01|%s|%s", ref, cardNo, f.Date, p[colName], dispatch))
	b.eventually("both have been looked at", func() bool {
		n, ok := b.count("select count(*) from exchange_file where kind = 'REPORT' and sequence > 900000")
		return ok && n == 2
	})
}

// headless is a roster without headings.
func (b *hub) headless() string {
	b.Helper()
	path := b.beside("headless.csv")
	b.onecard("sample", "roster", "--rows", "1", "-o", path)
	b.plant(path, 80, 3, 3)
	b.cutFirstLine(path)
	return path
}

// requireNoCanaries searches everything but the partners' files, which must know the canaries.
func (b *hub) requireNoCanaries() {
	b.Helper()
	wanted := traces(b.T)
	for name, text := range dumps(b.T, b.ledger()) {
		require.NotEmpty(b, text)
		require.Empty(b, found(text, wanted), "the dump of %s", name)
	}
	st, err := local.Find(b.dir())
	require.NoError(b, err)
	all := histories(b.T, st.TemporalAddress, st.Namespace)
	require.Greater(b, len(all), 10)
	for id, text := range all {
		require.Empty(b, found(text, wanted), "the history of %s", id)
	}
	b.stop()
	require.Empty(b, foundIn(b.T, b.dir(), "exchange", "partners"))
	require.Empty(b, foundIn(b.T, b.beside(), "var", "roster.csv", "headless.csv"), "what the terminal showed")
	require.NotEmpty(b, foundIn(b.T, filepath.Join(b.dir(), "exchange")), "the files themselves must know them")
	require.NotEmpty(b, foundIn(b.T, filepath.Join(b.dir(), "partners")))
}
