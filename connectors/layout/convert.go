package layout

import (
	"slices"
	"strings"
)

// conversion reads how the partner writes dates, amounts and codes.
func (b *builder) conversion(t *table, c *column) {
	keys := []string{"form", "unit", "codes"}
	said := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return !t.has(k) })
	t.asked = append(append(t.asked, keys...), "thousands")
	if len(said) > 1 {
		t.wrong(said[1], "cannot stand beside %s", said[0])
		return
	}
	switch {
	case len(said) == 0 && t.has("thousands"):
		t.wrong("thousands", "is for amounts and totals in yuan")
	case len(said) == 0:
		b.plainMoney(t, c)
	case said[0] == "form":
		b.timeForm(t, c)
	case said[0] == "unit":
		b.unit(t, c)
	case said[0] == "codes":
		b.useCodes(t, c)
	}
}

// plainMoney demands a unit where money stands: a partner that means yuan must never be paid fen.
func (b *builder) plainMoney(t *table, c *column) {
	if c.isMoney() && b.layout.money >= 0 {
		t.wrong("unit", "is missing: \"fen\" or \"yuan\"")
	}
}

func (c *column) isMoney() bool {
	return c.source == isTotal || c.source == isField && c.field.Shape == Amount
}

func (b *builder) timeForm(t *table, c *column) {
	digits := 0
	switch {
	case c.source == isDate, c.source == isField && c.field.Shape == Date:
		digits = len(dateLayout)
	case c.source == isField && c.field.Shape == Moment:
		digits = len(momentLayout)
	default:
		t.wrong("form", "is for dates and times")
		return
	}
	f, ok := newTimeForm(t.text("form"), digits)
	if !ok {
		t.wrong("form", "must be made of YYYY MM DD, for times also hh mm ss, each once, and signs")
		return
	}
	if c.conv = f; len(f.covers()) < digits {
		if c.part = f; digits == len(dateLayout) {
			t.wrong("form", "must hold YYYY, MM and DD")
		}
	}
}

func (b *builder) unit(t *table, c *column) {
	if !c.isMoney() {
		t.wrong("unit", "is for amounts and totals")
	}
	unit := t.choice("unit", "fen", "yuan")
	thousands := t.flag("thousands")
	if unit == "yuan" {
		c.conv = yuan{thousands}
	} else if thousands {
		t.wrong("thousands", "is for yuan only")
	}
}

func (b *builder) useCodes(t *table, c *column) {
	list := b.codes[t.text("codes")]
	switch {
	case c.source != isField:
		t.wrong("codes", "is for fields")
		return
	case list == nil:
		t.wrong("codes", "there is no table [codes.%s]", t.text("codes"))
		return
	}
	list.used = true
	c.conv = &list.codes
	c.unknown = list.unknown == "row" || list.unknown == "" && b.layout.rowRefused
	for theirs, ours := range list.saidRead {
		b.ours(list, "read."+theirs, c.field, ours)
	}
	for ours := range list.saidWrite {
		b.ours(list, "write."+ours, c.field, ours)
	}
}

// ours checks that a code on our side is one.
func (b *builder) ours(list *codeTable, key string, f *Field, code string) {
	switch {
	case len(f.Codes) > 0 && !slices.Contains(f.Codes, code):
		list.table.wrong(key, "%q is no code of %s; there are %s", code, f.Name, strings.Join(f.Codes, ", "))
	case !f.accepts(code):
		list.table.wrong(key, "%q cannot stand in %s, which holds %s", code, f.Name, f.expected())
	}
}
