package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"
)

// fault is one thing wrong with the settings. Partners are counted from 1 in its key: partner[1].poll is the first's.
type fault struct {
	key  string
	line int // 0 when it is to be looked up by the key
	says string
}

// join makes one error of faults, one a line; at tells on which line of the file a key stands, where it is known.
func join(faults []fault, at map[string]int) error {
	errs := make([]error, len(faults))
	for n, f := range faults {
		errs[n] = f.withLine(at)
	}
	return errors.Join(errs...)
}

func (f fault) withLine(at map[string]int) error {
	line := f.line
	// A key that is missing is looked for where its table begins.
	for key := f.key; line == 0 && key != ""; key = key[:max(0, strings.LastIndexByte(key, '.'))] {
		line = at[key]
	}
	switch {
	case line == 0:
		return fmt.Errorf("%s: %s", f.key, f.says)
	case f.key == "":
		return fmt.Errorf("line %d: %s", line, f.says)
	}
	return fmt.Errorf("line %d: %s: %s", line, f.key, f.says)
}

// syntax makes a fault of the decoder's error.
func syntax(err error) fault {
	if parse := (toml.ParseError{}); errors.As(err, &parse) {
		return fault{key: parse.LastKey, line: parse.Position.Line, says: parse.Message}
	}
	return fault{says: strings.TrimPrefix(err.Error(), "toml: ")}
}

func partnerTable(n int) string { return fmt.Sprintf("partner[%d]", n+1) }

var (
	tableLine = regexp.MustCompile(`^\s*\[([A-Za-z0-9_.-]+)\]`)
	arrayLine = regexp.MustCompile(`^\s*\[\[([A-Za-z0-9_.-]+)\]\]`)
	keyLine   = regexp.MustCompile(`^\s*([A-Za-z0-9_.-]+)\s*=`)
)

// lines finds where each table and key stands: the decoder tells positions only of what it cannot read. It reads one
// key a line, which is how people write settings.
func lines(text string) map[string]int {
	at, seen, table := map[string]int{}, map[string]int{}, ""
	for n, line := range strings.Split(text, "\n") {
		if m := arrayLine.FindStringSubmatch(line); m != nil {
			table = counted(seen, m[1])
			at[table] = n + 1
		} else if m := tableLine.FindStringSubmatch(line); m != nil {
			table = m[1]
			at[table] = n + 1
		} else if m := keyLine.FindStringSubmatch(line); m != nil {
			at[strings.TrimPrefix(table+"."+m[1], ".")] = n + 1
		}
	}
	return at
}

// counted returns the key of the next table of an array, which may stand in the last table of another: partner[2].expect[1].
func counted(seen map[string]int, name string) string {
	if outer, inner, nested := strings.Cut(name, "."); nested {
		name = fmt.Sprintf("%s[%d].%s", outer, seen[outer], inner)
	}
	seen[name]++
	return fmt.Sprintf("%s[%d]", name, seen[name])
}
