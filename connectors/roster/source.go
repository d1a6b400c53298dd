package roster

// maxColumns is how far to the right a sheet is read.
const maxColumns = 1024

// mark is what must be known of a cell beside its text.
type mark uint8

const (
	markFormula mark = 1 << iota
	markTooLong
	markGarbled // not a text in the file's encoding, a truth value or an error value
	markNumber  // typed as a number, all of its digits there
	markLost    // typed as a number of 16 digits or more: a workbook keeps 15 of them
)

// cell is a cell of a row that holds something.
type cell struct {
	col   int // from 0
	text  string
	marks mark
}

// record is a row as it stands in the file. It is overwritten by the next one; its texts are not.
type record struct {
	number int
	cells  []cell
	merged []merge // ranges that touch the row
}

// source reads rows one by one; io.EOF after the last. Rows without any cell may be left out.
type source interface {
	next(*record) error
	Close() error
}
