package layout

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// document is a format's text while it is read. It collects everything that is wrong, each with its line.
type document struct {
	lines  map[string]int
	faults []formatFault
}

// formatFault is one thing wrong with a format. Elements are counted from 1 in its key: detail.columns[3].width.
type formatFault struct {
	line int
	key  string
	says string
}

func (f formatFault) Error() string {
	switch {
	case f.line == 0:
		return f.key + ": " + f.says
	case f.key == "":
		return fmt.Sprintf("line %d: %s", f.line, f.says)
	}
	return fmt.Sprintf("line %d: %s: %s", f.line, f.key, f.says)
}

// readDocument reads a TOML text.
func readDocument(text string) (*document, *table) {
	d := &document{}
	var tree map[string]any
	if _, err := toml.Decode(text, &tree); err != nil {
		d.faults = append(d.faults, syntaxFault(err))
		return d, &table{doc: d}
	}
	d.lines = locate(text)
	return d, &table{doc: d, values: tree}
}

func syntaxFault(err error) formatFault {
	if parse := (toml.ParseError{}); errors.As(err, &parse) {
		return formatFault{parse.Position.Line, parse.LastKey, parse.Message}
	}
	return formatFault{says: strings.TrimPrefix(err.Error(), "toml: ")}
}

// wrong keeps a fault. A key that is missing is told at the line where its table begins.
func (d *document) wrong(key, format string, args ...any) {
	line := 0
	for at := key; line == 0 && at != ""; at = at[:max(0, strings.LastIndexByte(at, '.'))] {
		line = d.lines[at]
	}
	d.faults = append(d.faults, formatFault{line, key, fmt.Sprintf(format, args...)})
}

// err returns all faults as one error, by line, or nil.
func (d *document) err() error {
	slices.SortStableFunc(d.faults, func(a, b formatFault) int { return a.line - b.line })
	errs := make([]error, len(d.faults))
	for i, f := range d.faults {
		errs[i] = f
	}
	return errors.Join(errs...)
}

// table is a table of a format. A key that nobody asks for is a fault, and so is a value of another type.
type table struct {
	doc    *document
	path   string
	values map[string]any
	asked  []string
}

func (t *table) key(name string) string { return strings.TrimPrefix(t.path+"."+name, ".") }

func (t *table) wrong(name, format string, args ...any) {
	t.doc.wrong(strings.TrimSuffix(t.key(name), "."), format, args...)
}

// value returns the value of a key if it is of the type T.
func value[T any](t *table, name, what string) (v T, found bool) {
	t.asked = append(t.asked, name)
	got, ok := t.values[name]
	if !ok {
		return v, false
	}
	v, ok = got.(T)
	if !ok {
		t.wrong(name, "must be %s", what)
	}
	return v, ok
}

func (t *table) has(name string) bool {
	_, ok := t.values[name]
	return ok
}

func (t *table) text(name string) string {
	v, _ := value[string](t, name, "a text in quotation marks")
	return v
}

func (t *table) flag(name string) bool {
	v, _ := value[bool](t, name, "true or false")
	return v
}

// number returns a whole number within bounds, or 0 when there is none.
func (t *table) number(name string, least, most int) int {
	v, found := value[int64](t, name, "a whole number")
	if found && (v < int64(least) || v > int64(most)) {
		t.wrong(name, "must be within %d and %d", least, most)
		return 0
	}
	return int(v)
}

// choice returns one of a few words; the first of them when none is given.
func (t *table) choice(name string, words ...string) string {
	v, found := value[string](t, name, "a text in quotation marks")
	if !found {
		return words[0]
	}
	if !slices.Contains(words, v) {
		t.wrong(name, "must be %s", strings.Join(words, ", "))
		return words[0]
	}
	return v
}

// texts returns a list of texts.
func (t *table) texts(name string) []string {
	list, _ := value[[]any](t, name, "a list of texts")
	var texts []string
	for _, v := range list {
		text, ok := v.(string)
		if !ok {
			t.wrong(name, "must be a list of texts")
			return nil
		}
		texts = append(texts, text)
	}
	return texts
}

// pairs returns a table of texts.
func (t *table) pairs(name string) map[string]string {
	values, _ := value[map[string]any](t, name, "a table of texts")
	pairs := make(map[string]string, len(values))
	for key, v := range values {
		text, ok := v.(string)
		if !ok {
			t.wrong(name+"."+key, "must be a text in quotation marks")
			continue
		}
		pairs[key] = text
	}
	return pairs
}

// table returns a table inside of the table, or nil.
func (t *table) table(name string) *table {
	values, found := value[map[string]any](t, name, "a table ["+t.key(name)+"]")
	if !found {
		return nil
	}
	return &table{doc: t.doc, path: t.key(name), values: values}
}

// tables returns a list of tables.
func (t *table) tables(name string) []*table {
	t.asked = append(t.asked, name)
	var list []map[string]any
	switch v := t.values[name].(type) {
	case nil:
	case []map[string]any:
		list = v
	case []any:
		for _, element := range v {
			values, ok := element.(map[string]any)
			if !ok {
				t.wrong(name, "must be a list of tables { … }")
				return nil
			}
			list = append(list, values)
		}
	default:
		t.wrong(name, "must be a list of tables")
	}
	tables := make([]*table, len(list))
	for i, values := range list {
		tables[i] = &table{doc: t.doc, path: fmt.Sprintf("%s[%d]", t.key(name), i+1), values: values}
	}
	return tables
}

// names returns the keys of the table, which are then not unknown.
func (t *table) names() []string {
	names := slices.Sorted(maps.Keys(t.values))
	t.asked = append(t.asked, names...)
	return names
}

// close refuses the keys that nobody asked for.
func (t *table) close() {
	for _, name := range slices.Sorted(maps.Keys(t.values)) {
		if !slices.Contains(t.asked, name) {
			known := slices.Compact(slices.Sorted(slices.Values(t.asked)))
			t.wrong(name, "is not known here; there are %s", strings.Join(known, ", "))
		}
	}
}
