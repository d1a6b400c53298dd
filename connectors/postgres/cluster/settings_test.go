package cluster

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTuned(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		machine             Machine
		buffers, wal, dynmm string
	}{
		"small":     {Machine{Memory: 1 * gib, FreeDisk: 2 * gib, SharedTemp: 64 * mib}, "256MB", "1024MB", "sysv"},
		"ordinary":  {Machine{Memory: 8 * gib, FreeDisk: 100 * gib, SharedTemp: 4 * gib}, "2048MB", "8192MB", ""},
		"large":     {Machine{Memory: 256 * gib, FreeDisk: 2000 * gib, SharedTemp: 100 * gib}, "8192MB", "8192MB", ""},
		"container": {Machine{Memory: 256 * mib, FreeDisk: 16 * gib}, "128MB", "4096MB", "sysv"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := Tuned(tc.machine)
			require.Equal(t, tc.buffers, s["shared_buffers"])
			require.Equal(t, tc.wal, s["max_wal_size"])
			require.Equal(t, tc.dynmm, s["dynamic_shared_memory_type"])
			require.NotContains(t, s, "synchronous_commit", "a committed row must never be lost")
		})
	}
}

func TestRenderIsInOrderAndQuoted(t *testing.T) {
	t.Parallel()
	text := render(map[string]string{"b": "it's", "a": "1"})
	require.Equal(t, "# Written by onecard at every start; changes made here do not last.\na = '1'\nb = 'it''s'\n", text)
}

func TestMemTotal(t *testing.T) {
	t.Parallel()
	n, err := memTotal([]byte("MemFree: 1 kB\nMemTotal:       24576000 kB\n"))
	require.NoError(t, err)
	require.Equal(t, int64(24576000)<<10, n)
	_, err = memTotal([]byte("nothing"))
	require.Error(t, err)
}
