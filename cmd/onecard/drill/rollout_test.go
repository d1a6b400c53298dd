package drill_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	exchange "onecard/connectors/exchange/sim"
	"onecard/connectors/postgres"
)

// sample makes a roster of so many people, all of one bank.
func (b *hub) sample(rows int, flags ...string) string {
	b.Helper()
	path := b.beside("roster.csv")
	b.onecard(append([]string{"sample", "roster", "--rows", strconv.Itoa(rows), "-o", path}, flags...)...)
	return path
}

// create takes a roster in and returns the rollout's ID.
func (b *hub) create(roster string) string {
	b.Helper()
	out, code := b.try("", "rollout", "create", "issuance", "--name", "演练", "--roster", roster, "--as", "maker")
	require.Zero(b, code, out)
	for _, line := range strings.Split(out, "\n") {
		if card.RolloutID(line).Valid() {
			return line
		}
	}
	b.Fatalf("no rollout ID in %q", out)
	return ""
}

// run takes a roster in and has it approved and started.
func (b *hub) run(roster string) string {
	b.Helper()
	id := b.create(roster)
	b.release(id)
	return id
}

// release has a draft submitted, approved and started.
func (b *hub) release(id string) {
	b.Helper()
	b.onecard("rollout", "submit", id, "--as", "maker")
	b.onecard("rollout", "approve", id, "--as", "approver")
	b.onecard("rollout", "start", id, "--as", "maker")
}

// show is what `rollout show -o json` prints.
func (b *hub) show(id string) postgres.View {
	b.Helper()
	return decode[postgres.View](b.T, b.onecard("rollout", "show", id, "-o", "json"))
}

// await waits until the rollout stands at one of the statuses, and no batch is under way when it is final.
func (b *hub) await(id string, statuses ...card.RolloutStatus) {
	b.Helper()
	b.eventually("the rollout is "+string(statuses[0]), func() bool {
		n, ok := b.count("select count(*) from rollout where id = $1 and status = any($2)", id, statuses)
		if !ok || n == 0 {
			return false
		}
		if !statuses[0].Ended() {
			return true
		}
		n, ok = b.count(`
			select count(*) from batch b join rollout r on r.no = b.rollout
			where r.id = $1 and b.status not in ('done', 'cancelled')`, id)
		return ok && n == 0
	})
}

// tally is a partner's ledger summed up by the partners' own program.
type tally struct {
	Events     map[string]int
	Results    map[string]int
	Duplicates []json.RawMessage
}

// tally asks for a partner's ledger; persons that have an event twice are listed.
func (b *hub) tally(partner string) tally {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), filepath.Join(b.program, "partners"), "ledger", partner, "--dir", b.partner(), "--duplicates", "-o", "json")
	out, err := cmd.Output()
	if cmd.ProcessState.ExitCode() != 3 { // 3: somebody is there twice
		require.NoError(b, err)
	}
	return decode[tally](b.T, string(out))
}

// requireOnce checks by the partners' ledgers that nothing was done twice to anybody.
func (b *hub) requireOnce(banks ...string) {
	b.Helper()
	for _, partner := range append(banks, "CIVIL", "BUREAU", "OUTLET") {
		require.Empty(b, b.tally(partner).Duplicates, "%s", partner)
	}
}

// requireSound checks what holds for every rollout that has ended: its invariants, and that every row has an outcome.
func (b *hub) requireSound(v postgres.View) {
	b.Helper()
	require.NotEmpty(b, v.Invariants)
	for _, i := range v.Invariants {
		require.True(b, i.Holds, "%s: %s", i.Name, i.Figure)
	}
	c := v.Counts
	require.Equal(b, c.Rows, c.Accepted+c.Refused)
	require.Equal(b, c.Accepted, c.Active+c.Failed+c.Unknown+c.Withdrawn, "accepted = active + explained: %+v", c)
	require.Zero(b, c.Pending)
}

// requireAgreed checks that the partners' ledgers tell the same numbers as ours.
func (b *hub) requireAgreed(v postgres.View, banks ...string) {
	b.Helper()
	opened, active := 0, 0
	for _, bank := range banks {
		l := b.tally(bank)
		opened += l.Events["opened"]
		active += l.Events["activated"]
	}
	c := v.Counts
	require.Equal(b, opened, c.AccountOpened, "accounts at the banks")
	require.Equal(b, active, c.AccountActive, "accounts active at the banks")
	require.Equal(b, b.tally("BUREAU").Events["made"], c.Made, "cards at the bureau")
	require.Equal(b, b.tally("OUTLET").Events["handed_over"], c.HandedOver, "cards handed over")
}

// sent counts the files that the partners have dealt with.
func (b *hub) sent(partners ...string) (n int) {
	b.Helper()
	for _, p := range partners {
		n += len(b.times(p, "processed"))
	}
	return n
}

// times are those of an event in a partner's ledger. It is read here, for it is asked often.
func (b *hub) times(partner, event string) (times []time.Time) {
	b.Helper()
	require.NoError(b, exchange.ScanLedger(b.partner(partner, "ledger.csv"), func(e *exchange.Entry) error {
		if string(e.Event) != event {
			return nil
		}
		at, err := time.Parse(time.RFC3339, string(e.Time))
		times = append(times, at)
		return err
	}))
	return times
}

// explained reads the errors list and returns how many rows it explains.
func (b *hub) explained(id string) int {
	b.Helper()
	out := b.onecard("rollout", "errors", id, "-o", b.beside("errors.xlsx"))
	n, err := strconv.Atoi(out[:strings.IndexFunc(out, func(r rune) bool { return !strings.ContainsRune("0123456789", r) })])
	require.NoError(b, err)
	return n
}

// has says whether a rollout waits for a partner, and whether that is overdue.
func has(v postgres.View, partner string, overdue bool) bool {
	return slices.ContainsFunc(v.Waiting, func(w postgres.Waiting) bool { return w.For == partner && w.Overdue == overdue })
}
