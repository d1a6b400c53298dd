package layout

import (
	"fmt"
	"strings"
)

// locate tells on which line of a TOML text each key stands, such as detail.columns[3].width: the decoder knows it only of
// what it cannot read. The text is known to be TOML, so that nothing is checked here.
func locate(text string) map[string]int {
	l := &locator{text: text, line: 1, lines: map[string]int{}, seen: map[string]int{}}
	for l.blank(true); l.at < len(l.text); l.blank(true) {
		if l.peek() == '[' {
			l.header()
			continue
		}
		l.pair(l.table)
	}
	return l.lines
}

// locator walks through a TOML text.
type locator struct {
	text  string
	at    int
	line  int
	table string         // the path of the present table
	seen  map[string]int // how many tables of a list there have been
	lines map[string]int
}

func (l *locator) peek() byte {
	if l.at >= len(l.text) {
		return 0
	}
	return l.text[l.at]
}

func (l *locator) step(n int) {
	l.line += strings.Count(l.text[l.at:min(l.at+n, len(l.text))], "\n")
	l.at += n
}

// blank skips blanks, comments and commas, and line ends too if lines is set.
func (l *locator) blank(lines bool) {
	for l.at < len(l.text) {
		switch c := l.peek(); {
		case c == '#':
			l.step(lineLength(l.text[l.at:]))
		case c == ' ', c == '\t', c == '\r', c == ',', lines && c == '\n':
			l.step(1)
		default:
			return
		}
	}
}

func lineLength(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i
	}
	return len(s)
}

// header reads [table] or [[table]].
func (l *locator) header() {
	list := strings.HasPrefix(l.text[l.at:], "[[")
	l.step(1)
	if list {
		l.step(1)
	}
	name := l.name("]")
	line := l.line
	l.step(1)
	if list {
		l.step(1)
		l.seen[name]++
		name = fmt.Sprintf("%s[%d]", name, l.seen[name])
	}
	l.table = name
	l.lines[name] = line
}

// pair reads key = value inside of the table at path.
func (l *locator) pair(path string) {
	line := l.line
	name := strings.TrimPrefix(path+"."+l.name("="), ".")
	l.step(1)
	l.lines[name] = line
	l.blank(false)
	l.value(name)
}

// name reads a key up to the end character, its parts joined by dots without quotation marks.
func (l *locator) name(end string) string {
	var parts []string
	part := ""
	for c := l.peek(); c != 0 && c != end[0]; c = l.peek() {
		switch c {
		case '"', '\'':
			part = l.quoted()
			continue
		case '.':
			parts, part = append(parts, part), ""
		case ' ', '\t':
		default:
			part += string(rune(c))
		}
		l.step(1)
	}
	return strings.Join(append(parts, part), ".")
}

// value walks over a value; the elements of a list are counted from 1.
func (l *locator) value(path string) {
	switch l.peek() {
	case '"', '\'':
		l.quoted()
	case '[':
		l.step(1)
		n := 0
		for l.blank(true); l.peek() != ']' && l.peek() != 0; l.blank(true) {
			n++
			element := fmt.Sprintf("%s[%d]", path, n)
			l.lines[element] = l.line
			l.value(element)
		}
		l.step(1)
	case '{':
		l.step(1)
		for l.blank(true); l.peek() != '}' && l.peek() != 0; l.blank(true) {
			l.pair(path)
		}
		l.step(1)
	default:
		l.step(max(1, strings.IndexAny(l.text[l.at:]+"\n", ",]}# \t\r\n")))
	}
}

// quoted walks over a text and returns what stands between its marks, escapes as they are written.
func (l *locator) quoted() string {
	mark := l.text[l.at : l.at+1]
	if triple := strings.Repeat(mark, 3); strings.HasPrefix(l.text[l.at:], triple) {
		mark = triple
	}
	l.step(len(mark))
	from := l.at
	for l.at < len(l.text) && !strings.HasPrefix(l.text[l.at:], mark) {
		if mark[0] == '"' && l.peek() == '\\' {
			l.step(1)
		}
		l.step(1)
	}
	body := l.text[from:min(l.at, len(l.text))]
	l.step(len(mark))
	return body
}
