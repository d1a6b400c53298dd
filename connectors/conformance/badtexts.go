package conformance

import (
	"bytes"
	"strings"

	"onecard/card"
)

// anyOf are the reasons for texts that can be found wrong in several ways.
var anyOf = reasons(card.ReasonFileSize, card.ReasonFileRows, card.ReasonFileLayout, card.ReasonFileDigest, card.ReasonFileEncoding,
	card.ReasonFileUnreadable, card.ReasonFileLineLength)

// badTexts are wrong texts whose manifests belong to them, but where the manifest is what shows it.
var badTexts = []spoilt{
	{"CONTENT_TRUNCATED", Content, Words{"被截断(清单属于完整文件)", "cut in half, with the manifest of the whole"}, reasons(card.ReasonFileSize, card.ReasonFileRows), nil,
		func(_ *bench, x *letter) error {
			x.text = x.text[:len(x.text)/2]
			return nil
		}},
	{"CONTENT_ENCODING", Content, Words{"含有非法编码", "bytes that are no characters"}, reasons(card.ReasonFileEncoding, card.ReasonFileLayout), isText,
		func(_ *bench, x *letter) error {
			at := len(x.split()[0]) + len(x.split()[1]) + 6 // in the second row, behind its number
			x.retype(append(append(bytes.Clone(x.text[:at]), 0xFF), x.text[at+1:]...))
			return nil
		}},
	{"CONTENT_MORE", Content, Words{"末行之后还有内容", "more after the last line"}, anyOf, isText,
		func(_ *bench, x *letter) error {
			x.retype(append(bytes.Clone(x.text), x.split()[1]...))
			return nil
		}},
	{"CONTENT_NO_TRAILER", Content, Words{"没有末行", "no last line"}, anyOf, hasFrame,
		func(_ *bench, x *letter) error { return x.line(x.rows+1, func(string) string { return "" }) }},
	{"CONTENT_TRAILER_ROWS", Content, Words{"末行的行数不符", "other rows in the last line"}, reasons(card.ReasonFileRows), hasFrame,
		func(_ *bench, x *letter) error { return x.field(x.rows+1, 1, "11") }},
	{"CONTENT_TRAILER_TOTAL", Content, Words{"末行的金额不符", "another total in the last line"}, reasons(card.ReasonFileTotal), hasFrame,
		func(_ *bench, x *letter) error { return x.field(x.rows+1, 2, "9") }},
	{"CONTENT_ROW_MISSING", Content, Words{"少了一行", "a row less than declared"}, reasons(card.ReasonFileRows), hasDeclaredFrame,
		func(_ *bench, x *letter) error { return x.line(2, func(string) string { return "" }) }},
	{"CONTENT_CONTROL", Content, Words{"含有控制字符", "a control character in a field"}, reasons(card.ReasonFileEncoding, card.ReasonFileLayout), hasFrame,
		func(_ *bench, x *letter) error { return x.field(3, 2, "A\tB") }},
	{"CONTENT_FIELDS", Content, Words{"某行少一个字段", "a row with a field too few"}, reasons(card.ReasonFileLayout), hasFrame,
		func(_ *bench, x *letter) error {
			return x.line(4, func(text string) string {
				return text[:strings.LastIndex(text, x.sep())] + "\n"
			})
		}},
	{"CONTENT_REF_ZEROS", Content, Words{"行号带前导零", "a row number with leading zeros"}, reasons(card.ReasonFileLayout), hasFrame,
		func(_ *bench, x *letter) error { return x.field(6, 1, "06") }},
	{"CONTENT_REF_TWICE", Content, Words{"行号重复而内容不同", "a row number twice with two contents"}, reasons(card.ReasonFileRepeatedRow), hasFrame,
		func(_ *bench, x *letter) error { return x.field(5, 1, "4") }},
	{"CONTENT_REF_DESCENDS", Content, Words{"行号倒退", "row numbers that descend"}, reasons(card.ReasonFileRepeatedRow, card.ReasonFileLayout), hasFrame,
		func(_ *bench, x *letter) error { return x.field(8, 1, "2") }},
	{"CONTENT_LONG_LINE", Content, Words{"某行超长", "a line of more than 4,096 bytes"}, reasons(card.ReasonFileLineLength, card.ReasonFileLayout), hasFrame,
		func(_ *bench, x *letter) error { return x.field(9, 2, strings.Repeat("9", 5000)) }},
	{"CONTENT_HEADER_NAME", Content, Words{"首行写着别的文件名", "another name in the first line"}, reasons(card.ReasonFileLayout, card.ReasonFileName), hasFrame,
		func(_ *bench, x *letter) error { return x.field(0, 3, strings.Replace(x.name, "_0", "_9", 1)) }},
	{"CONTENT_HEADER_KIND", Content, Words{"首行写着别的类型", "another kind in the first line"}, reasons(card.ReasonFileLayout), hasFrame,
		func(_ *bench, x *letter) error { return x.field(0, 1, "NOTHING") }},
	{"CONTENT_REPEATED", Content, Words{"换个名字重发同样内容", "the same content again under another name"},
		reasons(card.ReasonFileLayout, card.ReasonFileRepeatedContent, card.ReasonFileName), hasFrame,
		func(b *bench, x *letter) error {
			before, err := b.fresh(sampleRows)
			if err != nil {
				return err
			}
			x.retype(before.text)
			return nil
		}},
}
