package exchange

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// stingy answers later pieces first.
type stingy struct {
	io.ReaderAt
	turn chan struct{}
}

func (s stingy) ReadAt(p []byte, offset int64) (int, error) {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	return s.ReaderAt.ReadAt(p, offset)
}

func TestPullKeepsTheOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := sample(rapid.IntRange(0, 20_000).Draw(t, "size"))
		packet := rapid.IntRange(1, 3000).Draw(t, "packet")
		var out bytes.Buffer
		from := stingy{bytes.NewReader(text), make(chan struct{}, 3)}
		require.NoError(t, pull(from, int64(len(text)), packet, &out))
		require.True(t, bytes.Equal(text, out.Bytes()))
		require.ErrorIs(t, pull(from, int64(len(text)+1), packet, io.Discard), io.ErrUnexpectedEOF)
	})
}

type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errors.New("full")
	}
	return len(p), nil
}

func TestPullStopsAtTheFirstFault(t *testing.T) {
	t.Parallel()
	text := sample(100_000)
	require.ErrorContains(t, pull(bytes.NewReader(text), 100_000, 1000, &full{room: 50_500}), "full")
}
