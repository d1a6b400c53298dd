package card_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
)

func TestSampleSizes(t *testing.T) {
	t.Parallel()
	plan := card.SamplePlan{Confidence: 0.95, Margin: 0.02}
	for _, c := range []struct{ population, size int }{{1, 1}, {100, 97}, {2000, 1092}, {100_000, 2345}, {2_840_000, 2399}} {
		require.Equal(t, c.size, plan.Size(c.population), c.population)
	}
	require.Equal(t, 384, card.SamplePlan{Confidence: 0.95, Margin: 0.05}.Size(1_000_000))
	require.NoError(t, plan.Check(1))
	for _, wrong := range []card.SamplePlan{{0.95, 0}, {0, 0.02}, {1, 0.02}, {0.95, 0.6}} {
		requireReason(t, wrong.Check(10), card.ReasonSampleShape)
	}
	requireReason(t, plan.Check(0), card.ReasonSampleShape)
}

func requireReason(t *testing.T, err error, reason card.Reason) {
	t.Helper()
	require.Equal(t, reason, card.ReasonOf(err))
}

// The share found lies within the bounds, the bounds within 0 and 1, and whoever asks everybody knows.
func TestSampleEstimates(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		population := rapid.IntRange(1, 3_000_000).Draw(t, "population")
		asked := rapid.IntRange(1, min(population, 5000)).Draw(t, "asked")
		wrong := rapid.IntRange(0, asked).Draw(t, "wrong")
		e := card.SamplePlan{Confidence: 0.95, Margin: 0.02}.Estimate(wrong, asked, population)
		require.LessOrEqual(t, 0.0, e.Low)
		require.LessOrEqual(t, e.Low, e.Share+1e-9)
		require.LessOrEqual(t, e.Share, e.High+1e-9)
		require.LessOrEqual(t, e.High, 1.0)
		if asked == population {
			require.InDelta(t, 0, e.High-e.Low, 1e-9)
		}
	})
	none := card.SamplePlan{Confidence: 0.95, Margin: 0.02}.Estimate(0, 2400, 2_840_000)
	require.InDelta(t, 0.0016, none.High, 0.0001, "nothing found is not nothing there")
}
