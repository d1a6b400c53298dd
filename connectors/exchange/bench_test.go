package exchange

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// A batch file of 20,000 rows has about this size. The figures include the partner's server, in the same process.
const benchSize = 4 << 20

func BenchmarkPublish(b *testing.B) {
	p := newPartner(b, direct)
	text := sample(benchSize)
	b.SetBytes(benchSize)
	b.ReportAllocs()
	for seq := 1; b.Loop(); seq++ {
		_, err := p.Publish(b.Context(), request(seq), layout, content(text))
		require.NoError(b, err)
	}
}

func BenchmarkCollect(b *testing.B) {
	p := newPartner(b, direct)
	text := sample(benchSize)
	b.SetBytes(benchSize)
	b.ReportAllocs()
	for seq := 1; b.Loop(); seq++ {
		b.StopTimer()
		p.offer(b, answer(seq), text)
		b.StartTimer()
		r, err := p.Collect(b.Context(), answer(seq))
		require.NoError(b, err)
		in, err := r.Open()
		require.NoError(b, err)
		_, err = io.Copy(io.Discard, in)
		require.NoError(b, err)
		require.NoError(b, in.Close())
	}
}

// direct goes round the line that can be cut, which costs more than the exchange itself.
func direct(p *partner) { p.cfg.Endpoints[0].Address = p.Addr() }
