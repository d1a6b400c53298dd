package layout_test

import (
	"bytes"
	"io"
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/layout"
)

func TestRowsThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		ref    int
		change func([]string) []string
		reason card.Reason
		fault  string
	}{
		{"a dot that GBK lacks", 7, func(f []string) []string { f[1] = "阿•买"; return f }, card.ReasonNameUnencodable, "line 3 ref 7 column 4 (name): found a character that GBK cannot carry at byte 4 of the UTF-8 text"},
		{"malformed UTF-8", 7, func(f []string) []string { f[1] = "\xff"; return f }, card.ReasonNameUnencodable, "byte 1"},
		{"a separator", 7, func(f []string) []string { f[7] = "a|b"; return f }, card.ReasonFieldCharacters, "column 10 (reason): found a separator or control character at byte 2"},
		{"a line end", 7, func(f []string) []string { f[1] = "张\n"; return f }, card.ReasonFieldCharacters, "column 4 (name)"},
		{"a C1 control", 7, func(f []string) []string { f[1] = "\u0090"; return f }, card.ReasonFieldCharacters, "column 4 (name)"},
		{"a short PAN", 7, func(f []string) []string { f[2] = "62"; return f }, card.ReasonFileLayout, "column 5 (pan): found 2 characters 9{2}, expected 16 to 19 digits or nothing"},
		{"a long line", 7, func(f []string) []string { f[7] = strings.Repeat("很长", 1100); return f }, card.ReasonFileLineLength, "expected at most 4096"},
	}
	l := answer(layout.GBK)
	var b bytes.Buffer
	w := layout.NewWriter(&b, l, file)
	require.NoError(t, w.Row(5, row(5, "张三")...))
	for _, c := range cases {
		err := w.Row(c.ref, c.change(row(7, "李四"))...)
		require.Equal(t, card.Invalid, card.KindOf(err), c.name)
		require.Equal(t, c.reason, card.ReasonOf(err), c.name)
		require.ErrorContains(t, err, c.fault, c.name)
	}
	for _, ref := range []int{0, 5, 10_000_000_000} {
		require.Equal(t, card.Internal, card.KindOf(w.Row(ref, row(7, "李四")...)), ref)
	}
	require.Equal(t, card.Internal, card.KindOf(w.Row(7, row(7, "李四")[1:]...)))
	require.NoError(t, w.Row(6, row(6, "王五")...))
	rows, _, err := w.Close()
	require.NoError(t, err)
	require.Equal(t, 2, rows)
	got, err := readAll(&b, l, any17)
	require.NoError(t, err)
	require.Len(t, got, 2)
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errDisk }

func TestAWriterThatFails(t *testing.T) {
	t.Parallel()
	w := layout.NewWriter(failing{}, answer(layout.UTF8), file)
	_, _, err := w.Close()
	require.ErrorIs(t, err, errDisk)
	var rowErr error
	for i := 1; rowErr == nil && i < 10_000; i++ {
		rowErr = w.Row(i, row(i, "张三")...)
	}
	require.ErrorIs(t, rowErr, errDisk)
}

func numbers(n int, err error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := 1; i <= n; i++ {
			if !yield(i, nil) {
				return
			}
		}
		if err != nil {
			yield(0, err)
		}
	}
}

func TestWriteAndReadWholeFiles(t *testing.T) {
	t.Parallel()
	l := answer(layout.GB18030)
	fields := func(n int, f []string) (int, []string, error) { return n, append(f, row(n, "张三")...), nil }
	var b bytes.Buffer
	rows, fen, err := layout.Write(&b, l, file, numbers(1000, nil), fields, nil)
	require.NoError(t, err)
	require.Equal(t, 1000, rows)
	require.Zero(t, fen)

	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }
	all := layout.Read(open, l, any17, func(r *layout.Row) (int, error) { return r.Ref, nil })
	for range 2 { // a file can be read again
		last := 0
		for ref, err := range all {
			require.NoError(t, err)
			require.Equal(t, last+1, ref)
			last = ref
		}
		require.Equal(t, 1000, last)
	}
}

func TestWriteAndReadPassErrorsOn(t *testing.T) {
	t.Parallel()
	l := answer(layout.GB18030)
	fields := func(n int, f []string) (int, []string, error) { return n, append(f, row(n, "张三")...), nil }
	_, _, err := layout.Write(io.Discard, l, file, numbers(3, errDisk), fields, nil)
	require.ErrorIs(t, err, errDisk)
	_, _, err = layout.Write(io.Discard, l, file, numbers(3, nil), func(int, []string) (int, []string, error) { return 3, nil, errDisk }, nil)
	require.ErrorIs(t, err, errDisk)
	require.ErrorContains(t, err, "ref 3")
	_, _, err = layout.Write(io.Discard, l, file, numbers(3, nil), func(int, []string) (int, []string, error) { return 3, nil, nil }, nil)
	require.Equal(t, card.Internal, card.KindOf(err))

	first := func(s iter.Seq2[int, error]) error {
		for _, err := range s {
			return err
		}
		return nil
	}
	noFile := func() (io.ReadCloser, error) { return nil, errDisk }
	require.ErrorIs(t, first(layout.Read(noFile, l, any17, func(*layout.Row) (int, error) { return 0, nil })), errDisk)
	b := write(t, l, "张三")
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
	require.ErrorIs(t, first(layout.Read(open, l, any17, func(*layout.Row) (int, error) { return 0, errDisk })), errDisk)
}
