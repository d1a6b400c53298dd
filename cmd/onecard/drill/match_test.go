package drill_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

// matchKills are the steps at which a population match loses its worker.
var matchKills = [][]string{{"PlanMatch", "PlanMatchPage"}, {"RequestPopulation", "CollectPopulation", "FinishMatch"}}

// TestKilledMatch kills the worker in every step of a population match: everybody is asked about once all the same.
func TestKilledMatch(t *testing.T) {
	enter(t)
	for _, steps := range matchKills {
		t.Run(steps[0], func(t *testing.T) {
			b := enter(t).lodger(t, "ICBC")
			k := b.haunt(planFor(steps))
			b.start()
			b.holders(60, "440600")
			b.onecard("match", "run", "--as", "operator1")
			b.awaitMatch()
			require.Empty(t, k.left(), "moments that never came")
			v := decode[postgres.MatchView](t, b.onecard("match", "show", string(card.MonthOf(time.Now())), "-o", "json"))
			require.Equal(t, []int{60, 60, 0}, []int{v.Asked, v.Alive, v.Unknown})
			require.Equal(t, 1, b.tally("CIVIL").Events["processed"])
		})
	}
}

// awaitMatch waits for the end of the population match.
func (b *hub) awaitMatch() {
	b.Helper()
	b.eventually("the match is over", func() bool {
		n, ok := b.count("select count(*) from rollout where kind = 'match' and status = 'done'")
		return ok && n == 1
	})
}

// matchPayees has the population match find two deaths and another name while a subsidy waits for approval: by the banks' books
// nobody is paid before a person has looked, somebody said to be dead only by the word of two, and who was found rightly never.
func (b *hub) matchPayees(p payees, period string) {
	b.Helper()
	id := b.draft(p, period)
	numbers := b.numbers(p)
	for row, fate := range map[int]string{2: "deceased", 3: "renamed", 4: "deceased"} {
		b.register(numbers[row], fate)
	}
	month := string(card.MonthOf(time.Now()))
	for range 2 {
		b.onecard("match", "run", "--as", "operator1")
	}
	b.awaitMatch()
	v := decode[postgres.MatchView](b.T, b.onecard("match", "show", month, "-o", "json"))
	require.Equal(b, []int{p.rows, p.rows - 3, 2, 1, 0, 3}, []int{v.Asked, v.Alive, v.Deceased, v.Renamed, v.Unknown, v.Open})

	reviews := b.reviews()
	lift, code := b.try("", "rollout", "lift", id, "--row", "2", "--reason", "本人在世", "--as", "clerk1")
	require.Equal(b, 3, code, lift)
	require.Contains(b, lift, string(card.ReasonUnderReview))
	b.onecard("review", "decide", strconv.Itoa(reviews[2]), "--stop", "--reason", "家属确认", "--as", "reviewer1")
	keep := []string{"review", "decide", strconv.Itoa(reviews[4]), "--keep", "--reason", "误报", "--as"}
	b.onecard(append(keep, "reviewer1")...)
	again, code := b.try("", append(keep, "reviewer1")...)
	require.Equal(b, 3, code, again)
	require.Equal(b, 2, b.show(id).Payout.Money.Held.Rows, "one person lets nothing go")
	b.onecard(append(keep, "reviewer2")...)

	b.approve(id)
	b.await(id, card.RolloutDone)
	done := b.show(id)
	b.requirePaidOnce(done)
	require.Equal(b, []int{p.rows - 2, 2}, []int{done.Payout.Money.Paid.Rows, done.Payout.Money.Refused.Rows})
	require.Equal(b, int64(p.fen-10_000-10_001), b.netPaid(done), "by the banks' books, all but the first two people")
}

// numbers are the numbers of the people on a roster of payments, by row; the heading is the first.
func (b *hub) numbers(p payees) map[int]string {
	b.Helper()
	text, err := os.ReadFile(p.path)
	require.NoError(b, err)
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	require.NoError(b, err)
	numbers := map[int]string{}
	for row, line := range lines[1:] {
		numbers[row+2] = line[0]
	}
	return numbers
}

// register tells the simulated civil affairs what it knows of a person.
func (b *hub) register(number, fate string) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), filepath.Join(b.program, "partners"), "register", "--dir", b.partner(), "--number", number, "--fate", fate)
	out, err := cmd.CombinedOutput()
	require.NoError(b, err, "%s", out)
}

// reviews are the reviews that wait, by the row of the payee.
func (b *hub) reviews() map[int]int {
	b.Helper()
	byRow := map[int]int{}
	for _, r := range decode[[]postgres.Review](b.T, b.onecard("review", "list", "-o", "json")) {
		c := decode[postgres.ReviewCase](b.T, b.onecard("review", "show", strconv.Itoa(r.No), "-o", "json"))
		require.NotEmpty(b, c.Payments)
		byRow[c.Payments[0].Row] = r.No
	}
	require.Len(b, byRow, 3)
	return byRow
}
