package local

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPortsAreRemembered(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ports.json")
	p, err := loadPorts(file)
	require.NoError(t, err)
	first, err := p.get("postgres")
	require.NoError(t, err)
	other, err := p.get("temporal")
	require.NoError(t, err)
	require.NotEqual(t, first, other)
	require.GreaterOrEqual(t, first, lowestPort)
	require.LessOrEqual(t, first, highestPort)

	again, err := loadPorts(file)
	require.NoError(t, err)
	same, err := again.get("postgres")
	require.NoError(t, err)
	require.Equal(t, first, same)
	require.Equal(t, []string{"postgres", "temporal"}, again.names())
}

func TestDamagedPortsAreReported(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ports.json")
	require.NoError(t, os.WriteFile(file, []byte("{"), 0o600))
	_, err := loadPorts(file)
	require.ErrorContains(t, err, "read the ports")
}

func TestFindTellsWhatRuns(t *testing.T) {
	t.Parallel()
	_, err := Find(filepath.Join(t.TempDir(), "nowhere"))
	require.ErrorIs(t, err, ErrNotRunning)

	s := bare(t)
	found, err := Find(s.options.Dir)
	require.NoError(t, err)
	require.Equal(t, os.Getpid(), found.Pid)
	require.Equal(t, s.State(), found)
	require.False(t, found.Ready)
	require.NoError(t, s.Ready())
	found, err = Find(s.options.Dir)
	require.NoError(t, err)
	require.True(t, found.Ready)

	_, err = acquire(s.options.Dir)
	require.ErrorIs(t, err, ErrRunning)
	require.ErrorIs(t, Reset(s.options.Dir), ErrRunning)

	require.NoError(t, s.Stop())
	_, err = Find(s.options.Dir)
	require.ErrorIs(t, err, ErrNotRunning)
}

func TestPrivateFiles(t *testing.T) {
	t.Parallel()
	s := bare(t)
	for _, name := range []string{"up.json", "up.lock", "ports.json", "codec.token"} {
		info, err := os.Stat(filepath.Join(s.options.Dir, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	strange := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(strange, "thesis"), nil, 0o600))
	require.ErrorContains(t, Reset(strange), "no data of onecard")
	require.FileExists(t, filepath.Join(strange, "thesis"))

	s := bare(t)
	require.NoError(t, s.Stop())
	require.NoError(t, Reset(s.options.Dir))
	require.NoDirExists(t, s.options.Dir)
}

func codes(found []Finding) []string {
	var all []string
	for _, f := range found {
		all = append(all, f.Code)
	}
	return all
}

func TestDoctorOnAStoppedStack(t *testing.T) {
	t.Parallel()
	s := bare(t)
	o := s.options
	port, err := s.Port("bank")
	require.NoError(t, err)
	require.NoError(t, s.Stop())
	o.DatabaseURL = "postgres://nobody:secret@127.0.0.1:1/none"
	o.TemporalAddress = "127.0.0.1:1"
	require.Equal(t, []string{"not-running", "unreachable", "unreachable"}, codes(Doctor(t.Context(), o)))

	l, err := net.Listen("tcp", address(port)) //nolint:noctx // returns at once
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	require.NoError(t, os.WriteFile(filepath.Join(o.Dir, "up.json"), []byte("{}"), 0o600))
	found := Doctor(t.Context(), o)
	require.Equal(t, []string{"killed", "port-taken", "unreachable", "unreachable"}, codes(found))
	for _, f := range found {
		require.NotContains(t, f.String(), "\n", "one line each")
		require.NotContains(t, f.String(), "secret")
	}
}

func TestDoctorOnARunningStack(t *testing.T) {
	t.Parallel()
	st := State{Ready: true, Processes: []Process{
		{Name: "well", Pid: os.Getpid()}, {Name: "down"}, {Name: "restless", Pid: os.Getpid(), Restarts: 7},
	}}
	require.Equal(t, []string{"process-down", "process-restless"}, codes(processes(st)))
	require.Contains(t, codes(processes(State{})), "starting")
}

func TestDoctorWithoutACheckout(t *testing.T) {
	t.Parallel()
	_, ok := repoAround(t.TempDir())
	require.False(t, ok)
	_, err := Build(t.Context(), t.TempDir(), os.Stderr)
	require.ErrorIs(t, err, ErrNoRepo)
	require.ErrorContains(t, err, "--temporal-address")
}
