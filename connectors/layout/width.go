package layout

func (b *builder) padding(t *table, c *column) {
	c.width = t.number("width", 1, MaxLine)
	c.right = t.choice("align", "left", "right") == "right"
	with := t.text("pad")
	switch {
	case b.layout.form == fixed && c.width == 0:
		t.wrong("width", "is missing: in bytes of %s", b.layout.encoding)
	case b.layout.form == workbook && c.width > 0:
		t.wrong("width", "is for text files")
	case c.width == 0 && (t.has("align") || t.has("pad")):
		t.wrong("width", "is missing")
	case !t.has("pad"):
		with = " "
	}
	if c.width == 0 {
		return
	}
	if len(with) != 1 || with[0] < ' ' || with[0] > '~' {
		t.wrong("pad", "must be one plain character")
		return
	}
	c.with = with[0]
	if !c.right && (isDigit(c.with) || isLetter(c.with)) {
		t.wrong("pad", "digits and letters can pad on the left only: align = \"right\"")
	}
	c.exact = c.always() == c.width
}

// always is the length that the column's content always has in bytes, or 0.
func (c *column) always() int {
	switch conv := c.conv.(type) {
	case *timeForm:
		return len(conv.pattern)
	case *codes:
		return conv.length()
	}
	switch {
	case c.source == isConst:
		return len(c.text)
	case c.source == isDate:
		return len(dateLayout)
	case c.source != isField || c.conv != nil:
		return 0
	case c.field.Shape == Date:
		return len(dateLayout)
	case c.field.Shape == Moment:
		return len(momentLayout)
	case c.field.Shape != Text && c.field.Min == c.field.Max:
		return c.field.Max
	}
	return 0
}

// length is the length in bytes of all of the partner's codes, or 0 when they differ; codes are plain where that matters.
func (c *codes) length() int {
	n := 0
	for theirs := range c.read {
		if n == 0 {
			n = len(theirs)
		}
		if len(theirs) != n {
			return 0
		}
	}
	return n
}
