// Package roster reads and writes the workbooks and CSV files in which cities hand in their people: the template that is
// filled in, the roster itself, the refused rows that come back to be corrected, and the report of what was done.
//
// A roster is read as a stream under limits: it may come from anybody. A file that cannot be read as a roster is refused
// whole, as a *card.Error of kind Invalid with a FILE_ reason; a row that fails is handed out with all of its reasons and
// the rows beside it are not touched by it.
package roster

import (
	"time"

	"onecard/card"
	"onecard/connectors/layout/xlsx"
)

// SheetName is the sheet that holds the people; a workbook without a sheet of that name is read from its first visible one.
const SheetName = "名册"

// The columns of a roster, in the order of the template.
const (
	colDocType = iota
	colSSN
	colName
	colSex
	colEthnic
	colBirth
	colPhone
	colAddress
	colPostcode
	colCity
	colBank
	colMode
	colOutlet
	colEmployerNo
	colEmployerName
	columns
)

// headings are what stands above the columns.
var headings = [columns]string{
	"证件类型", "社会保障号码", "姓名", "性别", "民族", "出生日期", "手机号码", "通讯地址", "邮政编码", "城市", "服务银行",
	"领卡方式", "领卡网点", "单位编号", "单位名称",
}

// Headings returns the 15 headings of a roster in the order of the template. Row.Cells has one text for each.
func Headings() []string { return append([]string(nil), headings[:]...) }

// Row is one row of a roster that is not blank.
type Row struct {
	// Number is the row's number in the sheet, from 1; in a CSV file the line on which the row begins.
	Number int
	// Application is the row normalised and decoded; what could not be decoded stands in it as it was written.
	Application card.Application
	// Cells are the texts as they stand in the file, in the order of Headings. A text longer than the limit is cut there.
	Cells []string
	// Reasons are all the reasons why the row is refused; none when it is accepted.
	Reasons []card.Reason
}

// Limits are what a file may measure. A zero field stands for its default.
type Limits struct {
	WorkbookBytes int64 // size of a workbook; 50 MiB
	CSVBytes      int64 // size of a CSV file; 4 GiB
	Unzipped      int64 // what a workbook may unzip to; 256 MiB
	Entries       int   // entries of a workbook's zip; 1,000
	Rows          int   // rows that are not blank; 3,000,000
	CellRunes     int   // characters of a cell; 500
}

// DefaultLimits returns the limits that a zero field of Limits stands for.
func DefaultLimits() Limits {
	return Limits{
		WorkbookBytes: 50 << 20, CSVBytes: 4 << 30, Unzipped: 256 << 20, Entries: 1000, Rows: 3_000_000, CellRunes: 500,
	}
}

func (l Limits) filled() Limits {
	d := DefaultLimits()
	standard(&l.WorkbookBytes, d.WorkbookBytes)
	standard(&l.CSVBytes, d.CSVBytes)
	standard(&l.Unzipped, d.Unzipped)
	standard(&l.Entries, d.Entries)
	standard(&l.Rows, d.Rows)
	standard(&l.CellRunes, d.CellRunes)
	return l
}

func (l Limits) workbook() xlsx.Limits {
	return xlsx.Limits{Unzipped: l.Unzipped, Entries: l.Entries, CellRunes: l.CellRunes}
}

func standard[T comparable](v *T, usual T) {
	var zero T
	if *v == zero {
		*v = usual
	}
}

// Options say how a roster is read. The zero value reads with the default limits and checks against today.
type Options struct {
	Limits Limits
	// Today is the day against which birth dates are checked; zero is the present day in Shanghai.
	Today time.Time
	// Encodable tells whether every partner file can carry a name; nil accepts every name.
	Encodable func(name string) bool
	// Admit gives further reasons against a row, such as a bank that does not serve the city; nil admits every row. It is
	// asked about every row whose city and bank are known, refused for something else or not.
	Admit func(card.Application) []card.Reason
}

func (o Options) filled() Options {
	o.Limits = o.Limits.filled()
	if o.Today.IsZero() {
		o.Today = time.Now().In(time.FixedZone("Asia/Shanghai", 8*60*60))
	}
	if o.Encodable == nil {
		o.Encodable = func(string) bool { return true }
	}
	if o.Admit == nil {
		o.Admit = func(card.Application) []card.Reason { return nil }
	}
	return o
}
