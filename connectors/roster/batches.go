package roster

import (
	"errors"
	"io"
	"iter"

	"onecard/connectors/layout/xlsx"
)

// batchRows is how many rows are read before they are checked: one goroutine reads while the caller's checks.
const batchRows = 256

type batch struct {
	rows []raw
	err  error
}

// batches hands out the rows in their order, in batches; an error comes with the rows before it. A batch is valid until
// the next one is asked for.
func (r *Reader) batches() iter.Seq2[[]raw, error] {
	return func(yield func([]raw, error) bool) {
		full, empty, stop := make(chan batch), make(chan []raw, 3), make(chan struct{})
		for range cap(empty) {
			empty <- make([]raw, 0, batchRows)
		}
		go r.produce(full, empty, stop)
		defer func() {
			close(stop)
			for range full { // until nobody reads the source any more
			}
		}()
		for b := range full {
			if !yield(b.rows, b.err) {
				return
			}
			empty <- b.rows[:0]
		}
	}
}

// produce reads batches until the end, an error or stop, and closes full.
func (r *Reader) produce(full chan<- batch, empty <-chan []raw, stop <-chan struct{}) {
	defer close(full)
	var rec xlsx.Row
	for count, end := 0, false; !end; {
		var b batch
		select {
		case b.rows = <-empty:
		case <-stop:
			return
		}
		b.rows, b.err = r.fillBatch(&rec, b.rows, &count)
		end = b.err != nil
		if errors.Is(b.err, io.EOF) {
			b.err = nil
		}
		select {
		case full <- b:
		case <-stop:
			return
		}
	}
}

// fillBatch reads rows until the batch is full. count is how many rows there were before it.
func (r *Reader) fillBatch(rec *xlsx.Row, rows []raw, count *int) ([]raw, error) {
	if *count == 0 {
		rows, *count = append(rows, r.first), 1
	}
	for len(rows) < batchRows {
		rows = rows[:len(rows)+1]
		if err := r.read(rec, &rows[len(rows)-1]); err != nil {
			return rows[:len(rows)-1], err
		}
		if *count++; *count > r.opts.Limits.Rows {
			return rows[:len(rows)-1], refuseRows(r.opts.Limits.Rows)
		}
	}
	return rows, nil
}
