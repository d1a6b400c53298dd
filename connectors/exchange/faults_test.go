package exchange_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Partners that cannot check a file against a manifest, and those whose files the hub cannot read back, are the ones that a
// partial file would deceive.
var gullible = []string{"", "no-manifests", "read-once", "no-posix-rename"}

func forGullible(t *testing.T, test func(t *testing.T, profile string)) {
	t.Helper()
	for _, profile := range gullible {
		t.Run("profile "+profile, func(t *testing.T) {
			t.Parallel()
			test(t, profile)
		})
	}
}

// The connection is cut at each 1/32 of the file: while it is sent, while it is read back, while its answer is fetched, and
// while the answer is asked for.
func TestCutAtEach32nd(t *testing.T) {
	t.Parallel()
	forGullible(t, func(t *testing.T, profile string) {
		trips := map[string]func(*trip){}
		for k := 1; k <= 32; k++ {
			trips[fmt.Sprintf("at %d of 32", k)] = func(r *trip) {
				at := k * r.size / 32
				r.spoilt(r.publish, cut(upstream, at))
				r.spoilt(r.publish, cut(downstream, at))
				r.until(r.publish)
				r.spoilt(r.collect, cut(downstream, at))
				r.spoilt(r.collect, cut(upstream, k*64))
			}
		}
		spoiledTrips(t, profile, trips)
	})
}

// Every attempt is cut, later and later, as on a line that gets better.
func TestCutAgainAndAgain(t *testing.T) {
	t.Parallel()
	forGullible(t, func(t *testing.T, profile string) {
		spoiledTrips(t, profile, map[string]func(*trip){"while it is sent": func(r *trip) {
			for k := 1; k <= 40; k += 3 {
				r.spoilt(r.publish, cut(upstream, k*r.size/32))
			}
			r.until(r.publish)
			for k := 1; k <= 40; k += 3 {
				r.spoilt(r.collect, cut(downstream, k*r.size/32))
			}
		}})
	})
}

// The other machine crashes, or falls silent, at each eighth of what is moved.
func TestResetAndStall(t *testing.T) {
	t.Parallel()
	trips := map[string]func(*trip){}
	for _, stream := range []string{upstream, downstream} {
		for k := range int64(8) {
			trips[fmt.Sprintf("reset %s at %d of 8", stream, k)] = func(r *trip) {
				r.spoiltAt(r.publish, 3*int64(r.size)*k/8, reset(stream, 0)) // archived, sent, read back
				r.until(r.publish)
				r.spoilt(r.collect, reset(stream, int(k)))
				r.spoiltAt(r.collect, int64(r.size)*k/8, reset(stream, 0))
			}
			trips[fmt.Sprintf("stall %s at %d of 8", stream, k)] = func(r *trip) {
				r.spoiltAt(r.publish, 3*int64(r.size)*k/8, stall(stream))
				r.until(r.publish)
				r.spoiltAt(r.collect, int64(r.size)*k/8, stall(stream))
			}
		}
	}
	spoiledTrips(t, "", trips)
}

func TestSlowLines(t *testing.T) {
	t.Parallel()
	s := newScene(t, "")
	slow := map[string][]toxic{
		"one second there":   {latency(upstream, 1000)},
		"one second back":    {latency(downstream, 1000)},
		"50 KB/s there":      {bandwidth(upstream)},
		"50 KB/s back":       {bandwidth(downstream)},
		"all of it together": {latency(upstream, 300), bandwidth(upstream), latency(downstream, 300), bandwidth(downstream)},
	}
	t.Run("trips", func(t *testing.T) {
		for name, toxics := range slow {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				r := s.trip(t, 30*time.Second)
				r.line.spoil(t, toxics...)
				require.NoError(t, r.publish(), "slow is not broken")
				require.Eventually(t, func() bool { return s.answered(r.file) }, time.Minute, 10*time.Millisecond)
				require.NoError(t, r.collect())
				r.line.mend(t)
				r.end()
			})
		}
	})
	s.judge(t)
}
