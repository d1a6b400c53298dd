package drill_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// class is a kind of fault.
type class string

// What the drill strikes with.
const (
	workerKilled    class = "worker killed"
	banksKilled     class = "banks killed"
	postgresKilled  class = "PostgreSQL killed"
	temporalKilled  class = "Temporal killed"
	lineCut         class = "line cut"
	batchReset      class = "batch reset"
	rolloutReset    class = "rollout reset"
	batchTerminated class = "batch terminated"
	rolloutEnded    class = "rollout terminated"
	clickedTwice    class = "clicked twice"
)

// What the banks do by their rules.
const (
	cameTwice class = "return twice"
	cameLate  class = "return late"
	cameShort class = "return truncated"
)

var returned = []class{cameTwice, cameLate, cameShort}

// mix is how many of a hundred and fifty faults are of each class. After the death of a worker or a server nothing moves until it is
// noticed, so most faults are of the cheap kinds. What is missing of a hundred and fifty, and more, the banks add.
var mix = []struct {
	class class
	of150 int
}{
	{lineCut, 40}, {batchReset, 16}, {workerKilled, 10}, {clickedTwice, 10}, {banksKilled, 6}, {batchTerminated, 5},
	{rolloutReset, 5}, {postgresKilled, 4}, {temporalKilled, 4}, {rolloutEnded, 2},
}

func classes() (all []class) {
	for _, m := range mix {
		all = append(all, m.class)
	}
	return all
}

// strike is one fault of a plan: after a pause it hits what the draw picks.
type strike struct {
	class class
	after time.Duration
	draw  uint64
}

// drawFaults draws a plan of faults that is worth n with what the banks add: every class is in it, in whatever order.
func drawFaults(seed uint64, n int) []strike {
	draw := rand.New(rand.NewPCG(seed, 1))
	var plan []strike
	for _, m := range mix {
		for range max(1, (m.of150*n+149)/150) {
			plan = append(plan, strike{class: m.class})
		}
	}
	draw.Shuffle(len(plan), func(i, j int) { plan[i], plan[j] = plan[j], plan[i] })
	for i := range plan {
		plan[i].after, plan[i].draw = time.Duration(draw.IntN(1000))*time.Millisecond, draw.Uint64()
	}
	return plan
}

// TestDrawFaults wants the same plan of the same seed, and of each class at least one fault.
func TestDrawFaults(t *testing.T) {
	t.Parallel()
	plan := drawFaults(7, 10)
	require.Equal(t, plan, drawFaults(7, 10))
	require.NotEqual(t, plan, drawFaults(8, 10))
	for _, c := range classes() {
		require.True(t, slices.ContainsFunc(plan, func(s strike) bool { return s.class == c }), c)
	}
}
