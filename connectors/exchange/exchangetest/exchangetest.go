// Package exchangetest is a file exchange without a network, for the tests of partner connectors.
package exchangetest

import (
	"bytes"
	"context"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/emmansun/gmsm/sm3"
	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/exchange"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Exchange keeps what is published, and answers with what the test has the partner send.
type Exchange struct {
	dir string
	// Sent holds the content of what was published.
	Sent map[card.File][]byte
	// Finished holds the files that are done.
	Finished  map[card.File]bool
	manifests map[card.File]card.Manifest // of what the partner sent
	order     []card.File
}

// New makes an Exchange in which nothing has been sent.
func New(t testing.TB) *Exchange {
	return &Exchange{
		dir:       t.TempDir(),
		Sent:      map[card.File][]byte{},
		Finished:  map[card.File]bool{},
		manifests: map[card.File]card.Manifest{},
	}
}

// Receive has the partner send content as f, with a manifest of this layout and so many rows.
func (x *Exchange) Receive(t testing.TB, f card.File, layout string, rows int, content []byte) {
	x.ReceiveMoney(t, f, layout, exchange.Totals{Rows: rows}, content)
}

// ReceiveMoney is Receive of a file whose manifest declares a sum.
func (x *Exchange) ReceiveMoney(t testing.TB, f card.File, layout string, totals exchange.Totals, content []byte) {
	require.NoError(t, os.WriteFile(filepath.Join(x.dir, f.Name()), content, 0o600))
	x.manifests[f] = manifest(f, layout, totals, content)
	x.order = append(x.order, f)
}

// Publish keeps what write writes in Sent.
func (x *Exchange) Publish(
	_ context.Context, f card.File, layout string, write func(io.Writer) (exchange.Totals, error),
) (card.Proof, error) {
	var b bytes.Buffer
	totals, err := write(&b)
	if err != nil {
		return card.Proof{}, err
	}
	x.Sent[f] = b.Bytes()
	return card.Proof{Manifest: manifest(f, layout, totals, b.Bytes()), RemoteSize: int64(b.Len())}, nil
}

// Collect returns what Receive was told, or a Later error.
func (x *Exchange) Collect(_ context.Context, f card.File) (*exchange.Received, error) {
	m, ok := x.manifests[f]
	if !ok {
		return nil, card.E(card.Later, "exchangetest.collect", "", fmt.Errorf("%s is not there yet", f.Name()))
	}
	return &exchange.Received{File: f, Manifest: m, Path: filepath.Join(x.dir, f.Name())}, nil
}

// List returns what Receive was told of the partner's files of a kind, in that order.
func (x *Exchange) List(_ context.Context, partner string, kind card.FileKind) ([]card.File, error) {
	var files []card.File
	for _, f := range x.order {
		if f.Partner == partner && f.Kind == kind && !x.Finished[f] {
			files = append(files, f)
		}
	}
	return files, nil
}

// Done keeps f in Finished.
func (x *Exchange) Done(_ context.Context, f card.File) error {
	x.Finished[f] = true
	return nil
}

// Quarantine forgets f, so that a better one can come.
func (x *Exchange) Quarantine(f card.File, _ error) error {
	delete(x.manifests, f)
	return nil
}

func manifest(f card.File, layout string, totals exchange.Totals, content []byte) card.Manifest {
	sum := sm3.Sum(content)
	return card.Manifest{
		Name: f.Name(), Layout: layout, Date: f.Date, Sequence: f.Seq, Size: int64(len(content)),
		Rows: totals.Rows, TotalFen: totals.Fen, SM3: hex.EncodeToString(sum[:]),
	}
}

// Golden compares content with the golden file of f's name in testdata/partners; -update writes it.
func Golden(t testing.TB, f card.File, content []byte) {
	path := filepath.Join("..", "..", "testdata", "partners", f.Name())
	if *update {
		require.NoError(t, os.WriteFile(path, content, 0o600))
	}
	want, err := os.ReadFile(filepath.Clean(path))
	require.NoError(t, err)
	require.Equal(t, string(want), string(content), "%s is another file; if that is meant, run the test with -update", f.Name())
}
