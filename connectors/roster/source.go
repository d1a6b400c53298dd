package roster

import "onecard/connectors/layout/xlsx"

// source reads rows one by one; io.EOF after the last. Rows without any cell may be left out.
type source interface {
	Next(*xlsx.Row) error
	Close() error
}
