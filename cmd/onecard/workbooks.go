package main

import (
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"strings"
)

// rowsPerWorkbook is how many rows go into one workbook of rows that go back: one more than that would hardly open at a desk, and a
// roster is taken in only while it unzips to 256 MiB, of which a row with its reasons takes one to four KiB.
const rowsPerWorkbook = 50_000

// writeWorkbooks writes rows into as many workbooks as they need, by write: path, then path with -2, -3 and so on before its ending. It
// returns their names and how many rows there were; without rows there is one workbook. Each is written in one step; when one fails,
// those before it stay.
func writeWorkbooks[T any](path string, perBook int, rows iter.Seq2[T, error], write func(io.Writer, iter.Seq2[T, error]) error) (paths []string, n int, err error) {
	if perBook < 1 {
		return nil, 0, fmt.Errorf("%w: a workbook takes at least one row (每个工作簿至少一行)", errUse)
	}
	next, stop := iter.Pull2(rows)
	defer stop()
	row, rowErr, more := next()
	for len(paths) == 0 || more {
		book := func(yield func(T, error) bool) {
			for k := 0; more && k < perBook; k++ {
				if !yield(row, rowErr) {
					return
				}
				n++
				row, rowErr, more = next()
			}
		}
		name := numbered(path, len(paths)+1)
		if err := writeFile(name, func(w io.Writer) error { return write(w, book) }); err != nil {
			return paths, n, err
		}
		paths = append(paths, name)
	}
	return paths, n, nil
}

// numbered is the path of the n-th of several files; the first is called as was asked.
func numbered(path string, n int) string {
	if n == 1 {
		return path
	}
	ending := filepath.Ext(path)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(path, ending), n, ending)
}

// counted shows on p how many rows have passed.
func counted[T any](p *progress, what string, rows iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for row, err := range rows {
			p.count(what, 1)
			if !yield(row, err) {
				return
			}
		}
	}
}
