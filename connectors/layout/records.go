package layout

import (
	"fmt"
	"slices"
	"strings"
)

// records reads header, detail and trailer.
func (b *builder) records(root *table) {
	l := b.layout
	detail := root.table("detail")
	if detail == nil {
		if !root.has("detail") {
			root.wrong("detail", "is missing: the columns of a row")
		}
		return
	}
	l.detail = b.record(detail, "detail")
	detail.close()
	for _, t := range root.tables("header") {
		l.header = append(l.header, b.header(t))
	}
	for _, t := range root.tables("trailer") {
		l.trailer = append(l.trailer, b.record(t, "trailer"))
		t.close()
	}
	b.placeFields(detail)
}

func (b *builder) header(t *table) record {
	defer t.close()
	if !t.flag("headings") {
		return b.record(t, "header")
	}
	if b.layout.form == fixed {
		t.wrong("headings", "is for delimited files and workbooks")
	}
	r := record{name: "header", headings: true}
	for _, c := range b.layout.detail.columns {
		r.columns = append(r.columns, column{name: c.name, text: c.heading()})
	}
	return r
}

// heading is what stands over the column.
func (c *column) heading() string {
	if c.title != "" {
		return c.title
	}
	return c.name
}

func (b *builder) record(t *table, name string) record {
	r := record{name: name}
	for _, c := range t.tables("columns") {
		r.columns = append(r.columns, b.column(c, name))
		r.width += r.columns[len(r.columns)-1].width
		c.close()
	}
	if len(r.columns) == 0 {
		t.wrong("columns", "there must be at least one column")
		return r
	}
	if first := &r.columns[0]; first.source == isConst && first.text != "" {
		r.mark = first.text
		r.prefix = b.layout.prefix(first)
	}
	return r
}

// prefix is how a constant in the first column stands on file, where columns have widths.
func (l *Layout) prefix(first *column) []byte {
	text, err := l.encoding.Encode(first.text)
	if l.form != fixed || err != nil { // which is told as a fault of the column
		return nil
	}
	text, _ = first.fill(text, 0)
	return text
}

// column reads one column of a record.
func (b *builder) column(t *table, record string) column {
	c := column{index: -1, title: t.text("as")}
	b.source(t, &c, record)
	b.conversion(t, &c)
	c.empty, c.required = t.text("empty"), t.flag("required")
	b.preset(t, &c)
	b.padding(t, &c)
	b.literals(t, &c)
	if c.title != "" && c.source == isField {
		c.name += " " + c.title
	}
	return c
}

// source reads where the column's content comes from: exactly one of const, value, field and ignore.
func (b *builder) source(t *table, c *column, record string) {
	keys := []string{"const", "value", "field", "ignore"}
	said := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return !t.has(k) })
	t.asked = append(t.asked, keys...)
	if len(said) != 1 {
		t.wrong("", "must have exactly one of const, value, field, ignore")
		return
	}
	word := t.text(said[0])
	switch said[0] {
	case "const":
		c.source, c.text, c.name = isConst, word, "record"
	case "ignore":
		c.source, c.name, c.text = isIgnored, word, t.text("write")
		if word == "" {
			t.wrong("ignore", "must name the column")
		}
	case "value":
		b.value(t, c, word, record == "detail")
	case "field":
		b.field(t, c, word, record)
	}
}

func (b *builder) value(t *table, c *column, word string, detail bool) {
	var known []string
	for _, v := range values {
		if v.detail && detail || v.frame && !detail {
			known = append(known, v.key)
			if v.key == word {
				c.source, c.name = v.source, v.name
				return
			}
		}
	}
	t.wrong("value", "must be one of %s", strings.Join(known, ", "))
}

func (b *builder) field(t *table, c *column, word, record string) {
	m := b.layout.Message
	if record != "detail" {
		t.wrong("field", "fields stand in the detail only")
		return
	}
	i := m.field(word)
	if i < 0 {
		t.wrong("field", "%q is no field of %s; there are %s", word, m.Kind, strings.Join(m.fieldNames(), ", "))
		return
	}
	c.source, c.name, c.index, c.field = isField, word, i, &m.Fields[i]
}

func (b *builder) preset(t *table, c *column) {
	for _, key := range []string{"empty", "default", "required"} {
		if t.has(key) && c.source != isField {
			t.wrong(key, "is for fields")
		}
	}
	if c.preset = t.text("default"); c.preset != "" && c.source == isField && !c.field.accepts(c.preset) {
		t.wrong("default", "%q cannot stand in %s, which holds %s", c.preset, c.field.Name, c.field.expected())
	}
}

// literals checks what the format itself puts on file.
func (b *builder) literals(t *table, c *column) {
	texts := []string{c.text, c.empty}
	switch conv := c.conv.(type) {
	case *codes:
		for theirs := range conv.read {
			texts = append(texts, theirs)
		}
		for _, theirs := range conv.write {
			texts = append(texts, theirs)
		}
	case *timeForm:
		texts = append(texts, conv.pattern)
	case yuan:
		if conv.thousands {
			texts = append(texts, ",")
		}
	}
	for _, text := range texts {
		if says := b.layout.obstacle(c, text); says != "" {
			t.wrong("", "%s", says)
			return
		}
	}
}

// obstacle says why text cannot stand in the column; nothing when it can.
func (l *Layout) obstacle(c *column, text string) string {
	encoded, err := l.encoding.Encode(text)
	switch {
	case err != nil:
		return fmt.Sprintf("%q has a character that %s cannot carry", text, l.encoding)
	case forbidden(text) >= 0:
		return fmt.Sprintf("%q has a control character", text)
	case l.form == delimited && !l.delimits(text):
		return fmt.Sprintf("%q holds the delimiter", text)
	case c.width > 0 && len(encoded) > c.width:
		return fmt.Sprintf("%q is longer than the %d bytes of the column", text, c.width)
	case !c.keeps(text, c.isNumber()):
		return fmt.Sprintf("%q would lose the padding character at its end", text)
	}
	return ""
}

// placeFields notes which column holds which field.
func (b *builder) placeFields(detail *table) {
	l := b.layout
	l.columnOf = slices.Repeat([]int{-1}, len(l.Message.Fields))
	parts := map[int][]int{}
	for n, c := range l.detail.columns {
		if c.source != isField {
			continue
		}
		parts[c.index] = append(parts[c.index], n)
		if len(parts[c.index]) == 1 {
			l.columnOf[c.index] = n
		}
	}
	for i, columns := range parts {
		b.checkParts(detail, i, columns)
	}
	slices.Sort(l.split)
}

// checkParts makes sure that a field stands in one column, or is a time whose parts stand in several.
func (b *builder) checkParts(detail *table, i int, columns []int) {
	l := b.layout
	var covered []int
	for _, n := range columns {
		c := &l.detail.columns[n]
		if c.part == nil && len(columns) > 1 {
			detail.wrong(fmt.Sprintf("columns[%d].field", columns[1]+1), "%s stands in another column already", c.field.Name)
			return
		}
		if c.part != nil {
			covered = append(covered, c.part.covers()...)
		}
	}
	if covered == nil {
		return
	}
	l.split = append(l.split, i)
	slices.Sort(covered)
	if len(covered) != len(momentLayout) || len(slices.Compact(covered)) != len(momentLayout) {
		detail.wrong(fmt.Sprintf("columns[%d].form", columns[0]+1), "the columns of %s together must hold YYYY MM DD hh mm ss, each once", l.Message.Fields[i].Name)
	}
	for _, n := range columns {
		if c := &l.detail.columns[n]; c.preset != "" {
			detail.wrong(fmt.Sprintf("columns[%d].default", n+1), "is for times in one column")
		}
	}
}

// delimits says whether the delimiter behind text would be found where it stands, or text is quoted.
func (l *Layout) delimits(text string) bool {
	return l.quote != quoteNone || l.delimitedBehind(text)
}

// delimitedBehind says whether the first delimiter in text and the delimiter behind it is the latter: a text that ends in a part of
// a delimiter of several bytes would lose that end.
func (l *Layout) delimitedBehind(text string) bool {
	return strings.Index(text+l.delimiter, l.delimiter) == len(text)
}
