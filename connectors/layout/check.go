package layout

import (
	"fmt"
	"slices"
)

// check holds against each other what stands in different places.
func (b *builder) check() {
	b.checkCodes()
	b.checkRefs()
	b.checkFields()
	b.checkTrailer()
	b.checkWidths()
	b.checkWorkbook()
}

func (b *builder) checkCodes() {
	for _, c := range b.codes {
		if !c.used {
			c.table.wrong("", "is used by no column")
		}
	}
}

// checkRefs makes sure that answers can be matched.
func (b *builder) checkRefs() {
	l := b.layout
	has := slices.ContainsFunc(l.detail.columns, func(c column) bool { return c.source == isRef })
	if l.counted = !has; has || l.Message.unsolicited() {
		return
	}
	b.doc.wrong("detail.columns", "no column holds { value = \"ref\" }, by which requests and answers are matched")
}

// checkFields makes sure that what the hub reads is there, and what a partner cannot do without.
func (b *builder) checkFields() {
	l := b.layout
	for i, f := range l.Message.Fields {
		if l.columnOf[i] < 0 && (f.Needed || l.Message.Inward && !f.Optional) {
			b.doc.wrong("detail.columns", "no column holds the field %s, which every %s needs", f.Name, l.Message.Kind)
		}
	}
	for _, i := range l.fingerprint {
		if l.columnOf[i] < 0 {
			b.doc.wrong("fingerprint", "no column holds the field %s", l.Message.Fields[i].Name)
		}
	}
}

// checkTrailer makes sure that the end of the rows can be told from a row.
func (b *builder) checkTrailer() {
	l := b.layout
	if len(l.trailer) == 0 {
		return
	}
	mark := l.trailer[0].mark
	if mark == "" {
		b.doc.wrong("trailer[1].columns", "must begin with a constant, by which it is told from the rows")
		return
	}
	if first := &l.detail.columns[0]; first.mayHold(mark) {
		b.doc.wrong("trailer[1].columns[1]", "%q can stand at the beginning of a row too", mark)
	}
}

// mayHold says whether text can stand in the column.
func (c *column) mayHold(text string) bool {
	switch c.source {
	case isConst:
		return c.text == text
	case isField:
		_, wrong := c.read(text)
		return wrong == nil
	case isRef, isLine, isSequence, isDate, isVersion:
		return all(text, isDigit)
	case isIgnored, isRows, isTotal, isKind, isFile, isAnswered, isPartner:
	}
	return true
}

func (b *builder) checkWidths() {
	l := b.layout
	if l.form != fixed {
		return
	}
	for _, r := range l.records() {
		if r.width > MaxLine {
			b.doc.wrong(r.name, "is %d bytes wide, at most %d are allowed", r.width, MaxLine)
		}
	}
}

// checkWorkbook refuses what a workbook that is written from top to bottom cannot say.
func (b *builder) checkWorkbook() {
	if b.layout.form != workbook {
		return
	}
	for i, r := range b.layout.header {
		if slices.ContainsFunc(r.columns, func(c column) bool { return c.source == isRows || c.source == isTotal }) {
			b.doc.wrong(fmt.Sprintf("header[%d].columns", i+1), "a workbook tells rows and total at its end")
		}
	}
}
