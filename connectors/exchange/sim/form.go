package sim

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Form is how a partner's own files of one kind look. It is read from the declaration in TOML that the hub has too, but by a
// reading of its own, so that a mistake of the hub's shows. Inside, a partner deals with files of the standard layouts; a form
// translates at its door.
type Form struct {
	kind            string
	version         int
	text            textForm
	header, trailer []formRecord
	detail          formRecord
	fields          []string // of the standard layout, after the ref
}

// formRecord is a line of a form.
type formRecord struct {
	Headings bool
	Columns  []*formColumn
}

// formColumn is one place in a line: what the declaration says, its texts in the encoding of the form, and what follows from it.
type formColumn struct {
	Const, Ignore, Write *string
	Field, Value, As     string
	Width                int
	Align, Pad           string
	Form, Unit           string
	Thousands            bool
	Codes, Empty         string

	place  int               // of the field in the standard layout
	number bool              // leading zeros mean nothing
	ours   map[string]string // by the partner's code; nil without codes
	theirs map[string]string // by ours
}

// declaration is a form's text, as far as a partner needs it: the hub holds it against the whole notation.
type declaration struct {
	Notation, Version int
	Message, Encoding string
	BOM               bool
	LineEnd           string `toml:"line_end"`
	Delimited         *struct{ Delimiter, Quote string }
	Fixed, Workbook   *struct{}
	Header, Trailer   []formRecord
	Detail            formRecord
	Codes             map[string]struct{ Read, Write map[string]string }
}

// standardFields are the fields of the standard layouts after the ref, by kind.
var standardFields = map[string]string{
	"MATCHREQ": "doc_type number name birth",
	"MATCHRET": "number result died",
	"ACCTREQ":  "card_no doc_type number name sex birth phone address outlet",
	"ACCTRET":  "card_no pan account result reason",
	"ACCTENQ":  "card_no number",
	"ACCTENR":  "card_no pan account result reason",
	"CARDREQ":  "card_no number name pan face outlet ef05 ef06",
	"CARDRET":  "card_no ident_code atr_history position result reason",
	"DISPATCH": "card_no mode outlet employer_no employer_name tracking name phone address",
	"REPORT":   "card_no event time proof clerk dispatch",
	"ACTREQ":   "card_no pan",
	"ACTRET":   "card_no result time reason",
	"PAYREQ":   "instruction card_no pan name amount purpose",
	"PAYRET":   "instruction card_no pan amount result time reason",
	"PAYENQ":   "instruction card_no amount",
	"PAYENR":   "instruction card_no pan amount result time reason",
	"PAYBACK":  "instruction card_no pan amount result time reason",
	"FUNDREQ":  "order action account amount block",
	"FUNDRET":  "order result balance blocked time note",
	"ACCTQRY":  "card_no pan name",
	"ACCTSTA":  "card_no result status note",
	"RECEIPT":  "scope result code row line column column_name found expected sm3 zh en",
}

// ReadForm reads the declaration in a file. Partners speak text only: a workbook is an error.
func ReadForm(path string) (*Form, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("read layout: %w", err)
	}
	f, err := ParseForm(string(text))
	if err != nil {
		return nil, fmt.Errorf("layout %s: %w", path, err)
	}
	return f, nil
}

// ParseForm reads a declaration; see ReadForm.
func ParseForm(text string) (*Form, error) {
	var d declaration
	if _, err := toml.Decode(text, &d); err != nil {
		return nil, err
	}
	f := &Form{kind: d.Message, version: d.Version, header: d.Header, detail: d.Detail, trailer: d.Trailer}
	f.fields = strings.Fields(standardFields[d.Message])
	switch {
	case d.Notation != 1 || d.Version < 1:
		return nil, errors.New("notation must be 1, and version at least that")
	case len(f.fields) == 0:
		return nil, fmt.Errorf("no partner deals with %q", d.Message)
	}
	var err error
	if f.text, err = d.text(); err != nil {
		return nil, err
	}
	return f, f.prepare(&d)
}

// Kind is the kind of files that look so.
func (f *Form) Kind() string { return f.kind }

// prepare finds out about every column what reading and writing must know.
func (f *Form) prepare(d *declaration) error {
	for i := range f.header {
		if f.header[i].Headings {
			f.header[i].Columns = headings(f.detail.Columns)
		}
	}
	for _, record := range slices.Concat(f.header, []formRecord{f.detail}, f.trailer) {
		for _, c := range record.Columns {
			if err := c.prepare(f, d); err != nil {
				return err
			}
		}
	}
	if f.kind != "REPORT" && !slices.ContainsFunc(f.detail.Columns, func(c *formColumn) bool { return c.Value == "ref" }) {
		return errors.New("the rows have no column for the ref")
	}
	if len(f.trailer) > 0 && f.trailer[0].Columns[0].Const == nil {
		return errors.New("the last line does not begin with a constant")
	}
	return nil
}

// headings are the names of columns as constants.
func headings(columns []*formColumn) []*formColumn {
	names := make([]*formColumn, len(columns))
	for i, c := range columns {
		title := c.title()
		names[i] = &formColumn{Const: &title}
	}
	return names
}

func (c *formColumn) prepare(f *Form, d *declaration) error {
	money := c.Field == "amount" || c.Field == "balance" || c.Field == "blocked"
	c.number = money || slices.Contains([]string{"ref", "line", "rows", "total", "sequence"}, c.Value)
	switch {
	case f.text.fixed() && c.Width == 0:
		return fmt.Errorf("column %s has no width", c.title())
	case money && c.Unit == "":
		return fmt.Errorf("column %s has no unit", c.title())
	}
	if c.place = slices.Index(f.fields, c.Field); c.Field != "" && c.place < 0 {
		return fmt.Errorf("%s has no field %q", f.kind, c.Field)
	}
	if err := f.text.encode(c.Const, c.Ignore, c.Write, &c.As, &c.Form, &c.Empty); err != nil || c.Codes == "" {
		return err
	}
	table, found := d.Codes[c.Codes]
	if !found {
		return fmt.Errorf("there is no table of codes %q", c.Codes)
	}
	return c.learn(&f.text, table.Read, table.Write)
}

// learn completes each direction of a table of codes by the other one; of several codes it takes the first by the alphabet.
func (c *formColumn) learn(t *textForm, read, write map[string]string) error {
	c.ours, c.theirs = map[string]string{}, map[string]string{}
	for _, ours := range slices.Backward(slices.Sorted(maps.Keys(write))) {
		c.theirs[ours] = write[ours]
		c.ours[write[ours]] = ours
	}
	for _, theirs := range slices.Backward(slices.Sorted(maps.Keys(read))) {
		c.ours[theirs] = read[theirs]
		if write[read[theirs]] == "" {
			c.theirs[read[theirs]] = theirs
		}
	}
	ours := maps.Clone(c.ours)
	clear(c.ours)
	for theirs, code := range ours {
		if err := t.encode(&theirs); err != nil {
			return err
		}
		c.ours[theirs] = code
	}
	for code, theirs := range c.theirs {
		if err := t.encode(&theirs); err != nil {
			return err
		}
		c.theirs[code] = theirs
	}
	return nil
}
