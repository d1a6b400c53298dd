package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	must "github.com/stretchr/testify/require" // the package has a require of its own

	"onecard/cmd/onecard/internal/config"
)

// A worker ends when it is told to, when its work fails, and when there are other partners; only then it is to begin again.
func TestWorkUntil(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	never := func(ctx context.Context) bool { <-ctx.Done(); return false }
	patient := func(stop <-chan any) error { <-stop; return nil }
	for name, c := range map[string]struct {
		ended   bool
		work    func(<-chan any) error
		changed func(context.Context) bool
		anew    bool
		err     error
	}{
		"told to stop":   {true, patient, never, false, nil},
		"work fails":     {false, func(<-chan any) error { return broken }, never, false, broken},
		"other partners": {false, patient, func(context.Context) bool { return true }, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if c.ended {
				cancel()
			}
			anew, err := workUntil(ctx, c.work, c.changed)
			must.ErrorIs(t, err, c.err)
			must.Equal(t, c.anew, anew)
		})
	}
}

// The worker looks at the partners that were added; the gateway at the settings too.
func TestStampsOfSettings(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "onecard.toml")
	must.Zero(t, addedStamp(file))
	write(t, file, "[gateway]\n")
	must.Zero(t, addedStamp(file))
	must.NotZero(t, stampOf(file))
	before := stampOf(file)
	must.NoError(t, os.Mkdir(filepath.Join(filepath.Dir(file), config.AddedFolder), 0o700))
	write(t, config.AddedFile(file, "CCB"), "[[partner]]\n")
	must.NotZero(t, addedStamp(file))
	must.NotEqual(t, before, stampOf(file))
}
