package roster

import (
	"errors"
	"io"
	"iter"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"onecard/card"
	"onecard/connectors/layout/xlsx"
)

// Reader reads a roster once, row by row. It is not for use by several goroutines.
type Reader struct {
	src      source
	file     io.Closer
	opts     Options
	form     *form
	format   string
	order    placing
	from1904 bool // how a workbook counts days
	warnings []string
	first    raw
	spent    bool
}

// raw is a row in the order of the template, before it is checked.
type raw struct {
	number int
	cells  [columns]string
	marks  [columns]xlsx.Mark
	merged bool
	spill  bool // a CSV row has more fields than there are headings
}

// Open opens the roster at path, an .xlsx workbook or a CSV file in UTF-8, GB18030 or GBK; it looks at the content, not at
// the name. What is refused is a *card.Error of kind Invalid with a FILE_ reason, naming what was found and what was
// expected, in Chinese and English; it never repeats what a row holds. Close the Reader in the end.
func Open(path string, o Options) (*Reader, error) { return openForm(path, people, o) }

func openForm(path string, kind *form, o Options) (*Reader, error) {
	f, err := os.Open(path) //nolint:gosec // which file to read is the caller's to say
	if err != nil {
		return nil, openError(err)
	}
	r, err := openFile(f, kind, o)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	r.file = f
	return r, nil
}

func openFile(f *os.File, kind *form, o Options) (*Reader, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, openError(err)
	}
	if !info.Mode().IsRegular() {
		return nil, refuse(card.ReasonFileNotWorkbook, "不是普通文件 / not a regular file")
	}
	return newReader(f, info.Size(), kind, o)
}

func openError(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return card.E(card.NotFound, "open roster", card.ReasonFileUnreadable, err)
	}
	return card.E(card.Invalid, "open roster", card.ReasonFileUnreadable, err)
}

// New reads a roster of size bytes from r, as Open does. r must stay readable until the Reader is closed.
func New(r io.ReaderAt, size int64, o Options) (*Reader, error) { return newReader(r, size, people, o) }

func newReader(r io.ReaderAt, size int64, kind *form, o Options) (*Reader, error) {
	o = o.filled()
	reader, err := sniff(r, size, kind.sheetName, o)
	if err != nil {
		return nil, err
	}
	reader.form = kind
	if err := reader.begin(); err != nil {
		return nil, errors.Join(err, reader.src.Close())
	}
	return reader, nil
}

// begin reads up to the first row of people.
func (r *Reader) begin() error {
	order, warnings, err := r.form.findHeadings(r.src)
	if err != nil {
		return err
	}
	r.order, r.warnings = order, append(r.warnings, warnings...)
	err = r.read(&xlsx.Row{}, &r.first)
	if errors.Is(err, io.EOF) {
		return refuse(card.ReasonFileEmpty, "标题行下没有数据 / no rows under the headings")
	}
	return err
}

// read reads the next row that is not blank.
func (r *Reader) read(rec *xlsx.Row, into *raw) error {
	for {
		if err := r.src.Next(rec); err != nil {
			return err
		}
		if r.project(rec, into) {
			return nil
		}
	}
}

// project puts the cells of a row into the order of the template; false for a blank row.
func (r *Reader) project(rec *xlsx.Row, into *raw) bool {
	*into = raw{number: rec.Number}
	filled := false
	for _, c := range rec.Cells {
		col := r.order.at(c.Col)
		if col < 0 {
			into.spill = into.spill || c.Col >= len(r.order) && r.format == FormatCSV
			continue
		}
		into.cells[col], into.marks[col] = c.Text, c.Marks
		filled = filled || c.Marks != 0 || strings.TrimFunc(c.Text, blank) != ""
	}
	for _, m := range rec.Merged {
		into.merged = into.merged || r.order.touched(m)
	}
	return filled
}

// Format returns FormatXLSX or FormatCSV.
func (r *Reader) Format() string { return r.format }

// Warnings returns what a person should know although the file can be read, in Chinese and English: columns and sheets that
// are not read.
func (r *Reader) Warnings() []string { return slices.Clone(r.warnings) }

// Close closes the file.
func (r *Reader) Close() error {
	err := r.src.Close()
	if r.file != nil {
		err = errors.Join(err, r.file.Close())
	}
	return err
}

// Rows hands out the rows in their order, accepted and refused ones alike; blank rows are left out. It can be ranged over
// once. An error (a *card.Error: damage, a bomb, too many rows) is the last thing handed out; the rows before it then make
// up no roster.
func (r *Reader) Rows() iter.Seq2[Row, error] { return rowsOf(r, r.check) }

// rowsOf hands out what check makes of each row.
func rowsOf[T any](r *Reader, check func(*raw) T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		if r.spent {
			yield(none, card.E(card.Internal, "read roster", "", errors.New("the rows have been read before")))
			return
		}
		r.spent = true
		for batch, err := range r.batches() {
			for i := range batch {
				if !yield(check(&batch[i]), nil) {
					return
				}
			}
			if err != nil {
				yield(none, err)
				return
			}
		}
	}
}

// check decodes a row and collects the reasons against it.
func (r *Reader) check(c *raw) Row {
	found := r.cellReasons(c)
	r.dates(c)
	a := application(c.number, &c.cells)
	reasons := card.CheckApplication(a, r.opts.Today)
	if slices.Contains(found, card.ReasonNumberAsFloat) {
		reasons = slices.DeleteFunc(reasons, aboutNumber)
	}
	if a.Person.Name != "" && !r.opts.Encodable(a.Person.Name) {
		found = append(found, card.ReasonNameUnencodable)
	}
	if !slices.ContainsFunc(reasons, aboutPlace) {
		found = append(found, r.opts.Admit(a)...)
	}
	cells := c.cells
	return Row{Number: c.number, Application: a, Cells: cells[:], Reasons: together(reasons, found)}
}

// together adds the reasons that are not there yet.
func together(reasons, more []card.Reason) []card.Reason {
	for _, reason := range more {
		if !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	return reasons
}

// aboutPlace tells of a reason that city or bank are unknown.
func aboutPlace(reason card.Reason) bool {
	return reason == card.ReasonCityUnknown || reason == card.ReasonBankUnknown
}

// aboutNumber tells of a reason that it speaks of a number whose digits are lost, and says nothing that helps.
func aboutNumber(reason card.Reason) bool {
	return strings.HasPrefix(string(reason), "ID_") || reason == card.ReasonDocShape
}

// dates writes dates that the workbook keeps as serial numbers.
func (r *Reader) dates(c *raw) {
	if c.marks[colBirth]&xlsx.Number != 0 {
		c.cells[colBirth] = serialDate(c.cells[colBirth], r.from1904)
	}
}

// cellReasons are the reasons that only the cells know.
func (r *Reader) cellReasons(c *raw) []card.Reason {
	var all xlsx.Mark
	for col := range r.form.headings {
		if len(c.cells[col]) > r.opts.Limits.CellRunes {
			r.shorten(&c.cells[col], &c.marks[col])
		}
		all |= c.marks[col]
	}
	if r.form.lostDigits(c) {
		all |= xlsx.Lost
	}
	if c.spill {
		all |= xlsx.Garbled
	}
	var found []card.Reason
	for _, m := range markReasons {
		if all&m.mark != 0 {
			found = append(found, m.reason)
		}
	}
	if c.merged {
		found = append(found, card.ReasonMergedCell)
	}
	return found
}

// markReasons are the reasons that marks give against a row.
var markReasons = [...]struct {
	mark   xlsx.Mark
	reason card.Reason
}{
	{xlsx.Lost, card.ReasonNumberAsFloat},
	{xlsx.Formula, card.ReasonFormulaInCell},
	{xlsx.TooLong, card.ReasonCellTooLong},
	{xlsx.Garbled, card.ReasonFieldCharacters},
}

// shorten cuts a text at the limit of a cell.
func (r *Reader) shorten(text *string, marks *xlsx.Mark) {
	if utf8.RuneCountInString(*text) <= r.opts.Limits.CellRunes && *marks&xlsx.TooLong == 0 {
		return
	}
	*marks |= xlsx.TooLong
	n := 0
	for i := range *text {
		if n == r.opts.Limits.CellRunes {
			*text = (*text)[:i]
			return
		}
		n++
	}
}

// lostDigits tells of a row whose numbers were written out by a spreadsheet, such as 4.41E+17.
func (f *form) lostDigits(c *raw) bool {
	for _, col := range f.numbers {
		if scientific(trim(c.cells[col])) {
			return true
		}
	}
	return false
}

// scientific tells whether s has the shape 4.41E+17.
func scientific(s string) bool {
	if strings.IndexByte(s, '+') < 2 {
		return false
	}
	mantissa, exponent, found := strings.Cut(strings.ToUpper(s), "E+")
	return found && digits(exponent) && digits(strings.Replace(mantissa, ".", "", 1))
}
