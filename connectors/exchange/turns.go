package exchange

import (
	"context"
	"sync"
)

// turns lets one call at a time work on a file: an activity that timed out may still run when its retry begins.
type turns struct {
	mu   sync.Mutex
	open map[string]chan struct{}
}

func newTurns() *turns { return &turns{open: make(map[string]chan struct{})} }

// take waits for name's turn and returns what ends it.
func (t *turns) take(ctx context.Context, name string) (end func(), err error) {
	for {
		t.mu.Lock()
		busy, taken := t.open[name]
		if !taken {
			mine := make(chan struct{})
			t.open[name] = mine
			t.mu.Unlock()
			return func() { t.end(name, mine) }, nil
		}
		t.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (t *turns) end(name string, mine chan struct{}) {
	t.mu.Lock()
	delete(t.open, name)
	t.mu.Unlock()
	close(mine)
}
