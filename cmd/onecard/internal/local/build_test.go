package local

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// compiled stands in for a build: it leaves the three programs and counts how often it ran.
func compiled(ran *atomic.Int32) func(context.Context, string) error {
	return func(_ context.Context, dir string) error {
		ran.Add(1)
		for _, t := range targets() {
			if err := os.WriteFile(filepath.Join(dir, t.name), []byte("program"), 0o700); err != nil {
				return err
			}
		}
		return nil
	}
}

func openTestCache(t *testing.T, home string) *cache {
	t.Helper()
	c, err := openCache(t.Context(), home, "key")
	require.NoError(t, err)
	return c
}

func TestCacheIsFilledOnceByOneBuild(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	var ran atomic.Int32
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			c, err := openCache(t.Context(), home, "key")
			if err != nil {
				return
			}
			defer c.close()
			if !c.complete() {
				_ = c.fill(t.Context(), compiled(&ran))
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 1, ran.Load())
	c := openTestCache(t, home)
	defer c.close()
	require.True(t, c.complete())
}

func TestFailedBuildLeavesNothingThatLooksBuilt(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	c := openTestCache(t, home)
	broken := errors.New("no compiler")
	require.ErrorIs(t, c.fill(t.Context(), func(_ context.Context, dir string) error {
		return errors.Join(broken, os.WriteFile(filepath.Join(dir, "temporal-server"), nil, 0o700))
	}), broken)
	require.False(t, c.complete())
	var ran atomic.Int32
	require.NoError(t, c.fill(t.Context(), compiled(&ran)), "the next build starts afresh")
	require.True(t, c.complete())
	c.close()
}

func TestWaitingForAnotherBuildEndsWithItsContext(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	c := openTestCache(t, home)
	defer c.close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := openCache(ctx, home, "key")
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// checkout makes a folder that looks like ours.
func checkout(t *testing.T) builder {
	t.Helper()
	repo := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(repo, "deploy", "temporal"), 0o700))
	for _, name := range []string{"go.mod", "go.sum"} {
		require.NoError(t, os.WriteFile(filepath.Join(repo, "deploy", "temporal", name), []byte("module x\n"), 0o600))
	}
	return builder{repo: repo}
}

func TestInstalledProgramsAreUpToDateUntilThePinsChange(t *testing.T) {
	t.Parallel()
	b := checkout(t)
	key, err := b.key(t.Context())
	require.NoError(t, err)
	require.False(t, b.upToDate(key))

	c := openTestCache(t, t.TempDir())
	defer c.close()
	var ran atomic.Int32
	require.NoError(t, c.fill(t.Context(), compiled(&ran)))
	require.NoError(t, b.install(c, key))
	require.NoError(t, b.install(c, key), "over what is there")
	require.True(t, b.upToDate(key))

	pin := filepath.Join(b.repo, pins)
	require.NoError(t, os.WriteFile(pin, []byte("module x\nrequire y v1.0.0\n"), 0o600))
	changed, err := b.key(t.Context())
	require.NoError(t, err)
	require.NotEqual(t, key, changed)
	require.False(t, b.upToDate(changed))

	require.NoError(t, os.Remove(b.bin("temporal-ui")))
	require.False(t, b.upToDate(key), "a program is missing")
}

func TestProgramsAreCopiedWhereTheyCannotBeLinked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	require.NoError(t, os.WriteFile(from, []byte("program"), 0o700))
	require.NoError(t, duplicate(from, to))
	info, err := os.Stat(to)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	require.ErrorIs(t, duplicate(from, to), os.ErrExist, "never into a file that may be running")
}
