package layout

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"onecard/card"
	"onecard/connectors/layout/gb18030"
)

// Notation is the version of the notation of formats that Parse reads.
const Notation = 1

const (
	maxVersion   = 9999
	maxDelimiter = 4
)

var formatName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Parse reads a format, written in TOML as docs/partner-layouts.md says, and joins it with its message. The error, an
// Invalid card.Error, tells everything that is wrong with the format, each with its line and key.
func Parse(text string) (*Layout, error) { return parse(text, MessageOf) }

func parse(text string, messageOf func(card.FileKind) (*Message, bool)) (*Layout, error) {
	doc, root := readDocument(text)
	b := &builder{doc: doc, layout: &Layout{}, messageOf: messageOf}
	if len(doc.faults) == 0 {
		b.build(root)
	}
	if err := doc.err(); err != nil {
		return nil, card.E(card.Invalid, "read format", card.ReasonFormatWrong, err)
	}
	return b.layout, nil
}

// builder makes a layout of a format.
type builder struct {
	doc       *document
	layout    *Layout
	messageOf func(card.FileKind) (*Message, bool)
	codes     map[string]*codeTable
}

// codeTable is a table of codes and how it is used.
type codeTable struct {
	codes
	unknown             string // row, file, or empty for what holds for the whole format
	saidRead, saidWrite map[string]string
	table               *table
	used                bool
}

func (b *builder) build(root *table) {
	b.identity(root)
	if b.layout.Message == nil { // without which nothing else can be told right from wrong
		return
	}
	b.chooseForm(root)
	b.layout.rowRefused = root.choice("bad_row", "file", "row") == "row"
	b.layout.anyOrder = root.choice("order", "ascending", "any") == "any"
	b.codeTables(root)
	b.records(root)
	b.fingerprint(root)
	root.close()
	if len(b.doc.faults) == 0 {
		b.check()
	}
}

// identity reads what the format is.
func (b *builder) identity(root *table) {
	l := b.layout
	if n := root.number("notation", Notation, Notation); n == 0 && !root.has("notation") {
		root.wrong("notation", "is missing; this program reads notation = %d", Notation)
	}
	l.Format, l.Title = root.text("name"), root.text("title")
	if !formatName.MatchString(l.Format) || len(l.Format) > 40 {
		root.wrong("name", "must be 1 to 40 of a-z, 0-9 and hyphens")
	}
	if l.Version = root.number("version", 1, maxVersion); l.Version == 0 && !root.has("version") {
		root.wrong("version", "is missing; a format begins with version = 1")
	}
	m, ok := b.messageOf(card.FileKind(root.text("message")))
	if !ok {
		root.wrong("message", "must be one of %s", join(Kinds()))
		return
	}
	l.Message, l.money = m, m.money()
}

func join[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return strings.Join(texts, ", ")
}

// chooseForm reads which of the three kinds of file it is.
func (b *builder) chooseForm(root *table) {
	forms := []form{delimited, fixed, workbook}
	said := slices.DeleteFunc(slices.Clone(forms), func(f form) bool { return !root.has(f.String()) })
	if len(said) != 1 {
		root.wrong("", "must have exactly one of the tables [delimited], [fixed], [workbook]")
		root.asked = append(root.asked, "delimited", "fixed", "workbook", "encoding", "bom", "line_end")
		return
	}
	b.layout.form = said[0]
	b.text(root)
	t := root.table(said[0].String())
	if t == nil {
		return
	}
	switch said[0] {
	case delimited:
		b.delimiter(t)
	case workbook:
		b.layout.sheet = t.text("sheet")
		if n := len([]rune(b.layout.sheet)); n == 0 || n > 31 || strings.ContainsAny(b.layout.sheet, `\/?*[]:'`) {
			t.wrong("sheet", `must be 1 to 31 characters without \/?*[]:'`)
		}
	case fixed:
	}
	t.close()
}

// text reads encoding and line ends, which a workbook has not.
func (b *builder) text(root *table) {
	l := b.layout
	if l.form == workbook {
		l.encoding = UTF8
		return
	}
	encodings := []Encoding{GB18030, GBK, UTF8}
	word := root.choice("encoding", "GB18030", "GBK", "UTF-8")
	l.encoding = encodings[slices.IndexFunc(encodings, func(e gb18030.Encoding) bool { return e.String() == word })]
	l.lineEnd = map[string]string{"LF": "\n", "CRLF": "\r\n"}[root.choice("line_end", "LF", "CRLF")]
	if l.bom = root.flag("bom"); l.bom && l.encoding != UTF8 {
		root.wrong("bom", "is for UTF-8 only")
	}
}

func (b *builder) delimiter(t *table) {
	l := b.layout
	l.delimiter = t.text("delimiter")
	l.quote = map[string]quoting{"none": quoteNone, "needed": quoteNeeded, "always": quoteAlways}[t.choice("quote", "none", "needed", "always")]
	if n := len(l.delimiter); n == 0 || n > maxDelimiter || !all(l.delimiter, isDelimiter) {
		t.wrong("delimiter", "must be 1 to %d signs such as | , ; ^ or tab, without letters, digits, blanks, quotation marks and . - _", maxDelimiter)
	}
}

// isDelimiter leaves out what fields are made of.
func isDelimiter(c byte) bool {
	return c < 0x80 && c != '\n' && c != '\r' && c != 0 && c != ' ' && c != '"' && !isCode(c)
}

// codeTables reads [codes.NAME].
func (b *builder) codeTables(root *table) {
	b.codes = map[string]*codeTable{}
	all := root.table("codes")
	if all == nil {
		return
	}
	for _, name := range all.names() {
		t := all.table(name)
		if t == nil {
			continue
		}
		c := &codeTable{table: t, unknown: t.choice("unknown", "", "row", "file")}
		c.read, c.write = t.pairs("read"), t.pairs("write")
		c.saidRead, c.saidWrite = maps.Clone(c.read), maps.Clone(c.write)
		t.close()
		if len(c.read)+len(c.write) == 0 {
			t.wrong("", "needs a table read (their code = ours) or write (our code = theirs)")
		}
		c.invert(b.layout.Message.Inward)
		b.codes[name] = c
	}
}

// invert completes each direction by the other one, where that is not ambiguous: what is read must have a writing as well, for
// samples and for telling a partner what is expected.
func (c *codeTable) invert(inward bool) {
	complete(c.write, c.read, func(theirs []string, ours string) {
		c.table.wrong("read", "has %s for our %s: say under write which of them is written", strings.Join(theirs, ", "), ours)
	})
	complete(c.read, c.write, func(ours []string, theirs string) {
		if inward {
			c.table.wrong("write", "has %s for our %s: say under read what it means", theirs, strings.Join(ours, ", "))
		}
	})
}

// complete adds to into the pairs of from the other way round; ambiguous is told of values that several keys have.
func complete(into, from map[string]string, ambiguous func(keys []string, value string)) {
	keys := map[string][]string{}
	for key, value := range from {
		keys[value] = append(keys[value], key)
	}
	for value, several := range keys {
		slices.Sort(several)
		if _, said := into[value]; said {
			continue
		}
		if len(several) > 1 {
			ambiguous(several, value)
		}
		into[value] = several[0]
	}
}

// fingerprint reads which fields make two rows the same.
func (b *builder) fingerprint(root *table) {
	for _, name := range root.texts("fingerprint") {
		i := b.layout.Message.field(name)
		if i < 0 {
			root.wrong("fingerprint", "%q is no field of %s; there are %s", name, b.layout.Message.Kind, strings.Join(b.layout.Message.fieldNames(), ", "))
			continue
		}
		b.layout.fingerprint = append(b.layout.fingerprint, i)
	}
}

// records returns all records of the layout.
func (l *Layout) records() []record {
	return slices.Concat(l.header, []record{l.detail}, l.trailer)
}
