package main

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"testing"

	must "github.com/stretchr/testify/require" // the package has a require of its own
)

func countTo(n int) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := 1; i <= n; i++ {
			if !yield(i, nil) {
				return
			}
		}
	}
}

func listed(w io.Writer, rows iter.Seq2[int, error]) error {
	for n, err := range rows {
		if err != nil {
			return err
		}
		_, _ = fmt.Fprint(w, n, " ")
	}
	return nil
}

// TestRowsGoIntoAsManyWorkbooksAsTheyNeed holds every row, in order and once, at sizes around that of a workbook.
func TestRowsGoIntoAsManyWorkbooksAsTheyNeed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rows  int
		books map[string]string
	}{
		{0, map[string]string{"b.xlsx": ""}},
		{3, map[string]string{"b.xlsx": "1 2 3 "}},
		{4, map[string]string{"b.xlsx": "1 2 3 ", "b-2.xlsx": "4 "}},
		{7, map[string]string{"b.xlsx": "1 2 3 ", "b-2.xlsx": "4 5 6 ", "b-3.xlsx": "7 "}},
	} {
		dir := t.TempDir()
		paths, n, err := writeWorkbooks(filepath.Join(dir, "b.xlsx"), 3, countTo(c.rows), listed)
		must.NoError(t, err)
		must.Equal(t, c.rows, n)
		must.Len(t, paths, len(c.books))
		for name, want := range c.books {
			text, err := os.ReadFile(filepath.Join(dir, name))
			must.NoError(t, err)
			must.Equal(t, want, string(text))
		}
	}
}

// TestAWorkbookThatFailsIsNotThere leaves those before it.
func TestAWorkbookThatFailsIsNotThere(t *testing.T) {
	t.Parallel()
	dir, gone := t.TempDir(), errors.New("the ledger is gone")
	rows := func(yield func(int, error) bool) {
		_ = yield(1, nil) && yield(2, nil) && yield(0, gone)
	}
	paths, _, err := writeWorkbooks(filepath.Join(dir, "b.xlsx"), 2, rows, listed)
	must.ErrorIs(t, err, gone)
	must.Equal(t, []string{filepath.Join(dir, "b.xlsx")}, paths)
	left, err := os.ReadDir(dir)
	must.NoError(t, err)
	must.Len(t, left, 1)
	_, _, err = writeWorkbooks(filepath.Join(dir, "c.xlsx"), 0, countTo(1), listed)
	must.ErrorIs(t, err, errUse)
}
