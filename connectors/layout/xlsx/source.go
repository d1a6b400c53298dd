// Package xlsx reads the rows of workbooks that come from anybody, under limits and without holding the sheet in memory, and
// writes rows of text. It knows nothing of what stands in them.
package xlsx

// MaxColumns is how far to the right a sheet is read.
const MaxColumns = 1024

// Mark is what must be known of a cell beside its text.
type Mark uint8

// The marks of a cell.
const (
	Formula Mark = 1 << iota
	TooLong
	Garbled // not a text in the file's encoding, a truth value or an error value
	Number  // typed as a number, all of its digits there
	Lost    // typed as a number of 16 digits or more: a workbook keeps 15 of them
)

// Cell is a cell of a row that holds something.
type Cell struct {
	Col   int // from 0
	Text  string
	Marks Mark
}

// Row is a row as it stands in the file. It is overwritten by the next one; its texts are not.
type Row struct {
	Number int // from 1
	Cells  []Cell
	Merged []Range // ranges that touch the row
}

// Range is a merged range; rows count from 1, columns from 0, all inclusive.
type Range struct{ Top, Left, Bottom, Right int }

// Limits are what a workbook may measure.
type Limits struct {
	Unzipped  int64 // what it may unzip to, in bytes
	Entries   int   // entries of its zip
	CellRunes int   // characters of a cell that are kept; longer ones are cut somewhere behind
}
