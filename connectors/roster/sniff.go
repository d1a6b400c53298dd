package roster

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"onecard/card"
	"onecard/connectors/layout/gb18030"
	"onecard/connectors/layout/xlsx"
)

// The formats of a roster.
const (
	FormatXLSX = "xlsx"
	FormatCSV  = "csv"
)

// sampleBytes is how much of a file is looked at to tell what it is.
const sampleBytes = 64 << 10

// What files begin with.
const (
	magicZip   = "PK\x03\x04"
	magicEmpty = "PK\x05\x06"
	magicOLE   = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"
	magicUTF8  = "\xEF\xBB\xBF"
)

// sniff tells by its content what a file is; sheet is the one of a workbook that is read.
func sniff(r io.ReaderAt, size int64, sheet string, o Options) (*Reader, error) {
	sample := make([]byte, min(size, sampleBytes))
	if _, err := r.ReadAt(sample, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, card.E(card.Internal, "read roster", card.ReasonFileUnreadable, err)
	}
	switch {
	case len(bytes.TrimSpace(sample)) == 0:
		return nil, refuse(card.ReasonFileEmpty, "文件是空的 / the file is empty")
	case begins(sample, magicOLE):
		return nil, refuse(card.ReasonFileXLS, "这是旧版 .xls 或带密码的工作簿，请另存为不带密码的 .xlsx / "+
			"found an old .xls or a workbook with a password, expected .xlsx without password")
	case begins(sample, magicEmpty):
		return nil, refuse(card.ReasonFileNotWorkbook, "这是空的压缩包 / found an empty zip, expected .xlsx or CSV")
	case begins(sample, magicZip):
		return openXLSX(r, size, sheet, o)
	}
	return openText(r, size, sample, o)
}

func begins(sample []byte, magic string) bool { return bytes.HasPrefix(sample, []byte(magic)) }

func openXLSX(r io.ReaderAt, size int64, sheet string, o Options) (*Reader, error) {
	if size > o.Limits.WorkbookBytes {
		return nil, refuseSize(size, o.Limits.WorkbookBytes)
	}
	book, err := xlsx.Open(r, size, sheet, o.Limits.workbook())
	if err != nil {
		return nil, err
	}
	src, err := book.Rows()
	if err != nil {
		return nil, err
	}
	return &Reader{src: src, opts: o, format: FormatXLSX, from1904: book.From1904(), warnings: unreadSheets(book)}, nil
}

// unreadSheets names sheets that look like parts of the roster and are not read.
func unreadSheets(b *xlsx.Book) []string {
	if len(b.Others()) == 0 {
		return nil
	}
	list := strings.Join(b.Others(), "、")
	return []string{"只读取工作表“" + b.Sheet() + "”，不读取：" + list + " / only one sheet is read, not: " + list}
}

func openText(r io.ReaderAt, size int64, sample []byte, o Options) (*Reader, error) {
	if begins(sample, "\xFF\xFE") || begins(sample, "\xFE\xFF") {
		return nil, refuse(card.ReasonFileEncoding, "这是 UTF-16（Unicode 文本），请另存为“CSV UTF-8” / "+
			"found UTF-16, expected UTF-8 or GB18030")
	}
	text, marked := bytes.CutPrefix(sample, []byte(magicUTF8))
	comma, ok := separator(text)
	if !ok {
		return nil, refuse(card.ReasonFileNotWorkbook, "既不是 .xlsx 工作簿，也不是带逗号的 CSV / "+
			"found neither a workbook nor a table with commas, expected .xlsx or CSV")
	}
	if size > o.Limits.CSVBytes {
		return nil, refuseSize(size, o.Limits.CSVBytes)
	}
	whole := int64(len(sample)) == size
	encoding, ok := encodingOf(text, whole)
	if marked {
		encoding, ok = gb18030.UTF8, true
	}
	if !ok {
		return nil, refuse(card.ReasonFileEncoding, "文字编码无法识别 / found neither UTF-8 nor GB18030")
	}
	from := int64(len(sample) - len(text))
	src := newCSV(io.NewSectionReader(r, from, size-from), encoding, comma, o.Limits)
	return &Reader{src: src, opts: o, format: FormatCSV}, nil
}

// separator tells what stands between the fields: what is most frequent in the first line that has any. Files with control
// characters are no text, and a document that begins with a tag is no table.
func separator(text []byte) (byte, bool) {
	for _, b := range text {
		if b < ' ' && b != '\t' && b != '\n' && b != '\r' {
			return 0, false
		}
	}
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("<")) {
		return 0, false
	}
	for line := range bytes.Lines(text) {
		best, most := byte(0), 0
		for _, c := range []byte(",\t;") {
			if n := bytes.Count(line, []byte{c}); n > most {
				best, most = c, n
			}
		}
		if most > 0 {
			return best, true
		}
	}
	return 0, false
}

// encodingOf tells the encoding of a sample; when it is not the whole file, its last line may be cut anywhere.
func encodingOf(text []byte, whole bool) (gb18030.Encoding, bool) {
	if end := bytes.LastIndexByte(text, '\n'); !whole && end >= 0 {
		text = text[:end]
	}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	if utf8.Valid(text) {
		return gb18030.UTF8, true
	}
	if _, err := gb18030.GB18030.AppendDecoded(nil, text); err == nil {
		return gb18030.GB18030, true
	}
	if utf8.Valid(first) {
		return gb18030.UTF8, true
	}
	_, err := gb18030.GB18030.AppendDecoded(nil, first)
	return gb18030.GB18030, err == nil
}

func refuseSize(size, limit int64) error {
	return refuse(card.ReasonFileTooLarge, "文件 %d MiB，最大 %d MiB / the file has %d MiB, at most %d are allowed",
		size>>20, limit>>20, size>>20, limit>>20)
}

func refuseRows(limit int) error {
	return refuse(card.ReasonFileTooManyRows, "超过 %d 行 / more than %d rows", limit, limit)
}

// refuse makes the error of a file that is refused whole.
func refuse(reason card.Reason, format string, args ...any) error {
	return card.E(card.Invalid, "read roster", reason, fmt.Errorf(format, args...))
}
