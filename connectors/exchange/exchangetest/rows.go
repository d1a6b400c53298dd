package exchangetest

import (
	"fmt"
	"iter"
	"strings"

	"onecard/card"
)

// Rows yields rows, and then err if there is one.
func Rows[T any](rows []T, err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}

// All returns what a transaction would hold at the end: every row, or the first error.
func All[T any](rows iter.Seq2[T, error], err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	var all []T
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, nil
}

// Text is a file in the standard layout with these detail lines, in UTF-8; answered is the name of the file that it answers, or
// empty.
func Text(f card.File, answered string, lines ...string) string {
	return fmt.Sprintf("H|%s|1|%s|%s|%s\n%s\nT|%d|0\n", f.Kind, f.Name(), f.Date, answered, strings.Join(lines, "\n"), len(lines))
}
