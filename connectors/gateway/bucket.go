package gateway

import (
	"context"
	"sync"
	"time"
)

// bucket bounds a rate: what is taken flows back at rate per second, up to burst.
type bucket struct {
	rate, burst float64

	mu    sync.Mutex
	level float64 // below zero when somebody waits
	at    time.Time
}

func newBucket(rate, burst float64) *bucket {
	return &bucket{rate: rate, burst: burst, level: burst}
}

// reserve takes n and returns how long to wait until it is there.
func (b *bucket) reserve(now time.Time, n float64) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fill(now)
	b.level -= n
	return time.Duration(max(0, -b.level) / b.rate * float64(time.Second))
}

// try takes n if it is there.
func (b *bucket) try(now time.Time, n float64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fill(now)
	if b.level < n {
		return false
	}
	b.level -= n
	return true
}

// full tells whether nothing is missing, as in a new bucket.
func (b *bucket) full(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fill(now)
	return b.level >= b.burst
}

func (b *bucket) fill(now time.Time) {
	if !b.at.IsZero() {
		b.level = min(b.burst, b.level+now.Sub(b.at).Seconds()*b.rate)
	}
	b.at = now
}

// take waits until n is there, or ctx ends.
func (b *bucket) take(ctx context.Context, n float64) error {
	wait := b.reserve(time.Now(), n)
	if wait <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
