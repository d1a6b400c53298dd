package layout

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"

	"onecard/card"
)

// formats are the formats that ship.
//
//go:embed formats/*.toml
var formats embed.FS

// standardPrefix begins the names of the formats that partners get who bring none of their own.
const standardPrefix = "standard-"

// maxFormat is more than anybody writes by hand.
const maxFormat = 1 << 20

// Shipped returns the names of the formats that ship, in alphabetical order.
func Shipped() []string {
	files, _ := fs.Glob(formats, "formats/*.toml") // the pattern is right
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(path.Base(f), ".toml")
	}
	return names
}

// Source returns the text of a format that ships, with its comments. The error is NotFound for others.
func Source(name string) (string, error) {
	text, err := formats.ReadFile("formats/" + name + ".toml")
	if err != nil {
		return "", card.E(card.NotFound, "find format", card.ReasonFormatUnknown, fmt.Errorf("no format %q ships; there are %s", name, strings.Join(Shipped(), ", ")))
	}
	return string(text), nil
}

// Open reads the format in a file, or the one that ships under the name.
func Open(pathOrName string) (*Layout, error) {
	if formatName.MatchString(pathOrName) {
		text, err := Source(pathOrName)
		if err != nil {
			return nil, err
		}
		return named(pathOrName, text)
	}
	text, err := readFormat(pathOrName)
	if err != nil {
		return nil, err
	}
	return named(pathOrName, text)
}

func named(name, text string) (*Layout, error) {
	l, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return l, nil
}

func readFormat(name string) (string, error) {
	file, err := os.Open(name) //nolint:gosec // the operator names the file
	if errors.Is(err, fs.ErrNotExist) {
		return "", card.E(card.NotFound, "read format", card.ReasonFormatUnknown, err)
	}
	if err != nil {
		return "", card.E(card.Internal, "read format", "", err)
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxFormat+1))
	if err != nil {
		return "", card.E(card.Internal, "read format", "", err)
	}
	if len(text) > maxFormat {
		return "", card.E(card.Invalid, "read format", card.ReasonFileTooLarge, fmt.Errorf("%s is longer than 1 MiB", name))
	}
	return string(text), nil
}

// Standard returns the layout of kind for partners that bring none of their own.
func Standard(kind card.FileKind) (*Layout, error) {
	all, err := standards()
	if err != nil {
		return nil, err
	}
	l, ok := all[kind]
	if !ok {
		return nil, card.E(card.NotFound, "find layout", "", fmt.Errorf("there is no message %s", kind))
	}
	return l, nil
}

// standards reads the standard formats, once.
var standards = sync.OnceValues(func() (map[card.FileKind]*Layout, error) {
	all := map[card.FileKind]*Layout{}
	for _, name := range Shipped() {
		if !strings.HasPrefix(name, standardPrefix) {
			continue
		}
		l, err := Open(name)
		if err != nil {
			return nil, err
		}
		all[l.Message.Kind] = l
	}
	return all, nil
})

// Set holds the layouts of one partner. The zero Set has the standard ones.
type Set struct{ own map[card.FileKind]*Layout }

// NewSet makes a set of a partner's own layouts; for other kinds it has the standard ones. Two layouts of one kind are an
// Invalid error.
func NewSet(own ...*Layout) (Set, error) {
	s := Set{own: make(map[card.FileKind]*Layout, len(own))}
	for _, l := range own {
		if before, twice := s.own[l.Message.Kind]; twice {
			return Set{}, card.E(card.Invalid, "put layouts together", "", fmt.Errorf("%s and %s are both of %s", before.Format, l.Format, l.Message.Kind))
		}
		s.own[l.Message.Kind] = l
	}
	return s, nil
}

// OpenSet makes a set of formats in files, or that ship under the names.
func OpenSet(pathsOrNames ...string) (Set, error) {
	own := make([]*Layout, 0, len(pathsOrNames))
	for _, name := range pathsOrNames {
		l, err := Open(name)
		if err != nil {
			return Set{}, err
		}
		own = append(own, l)
	}
	return NewSet(own...)
}

// Of returns the layout of files of kind.
func (s Set) Of(kind card.FileKind) (*Layout, error) {
	if l, ok := s.own[kind]; ok {
		return l, nil
	}
	return Standard(kind)
}

// Kinds returns the kinds for which the partner has layouts of its own, in alphabetical order.
func (s Set) Kinds() []card.FileKind {
	kinds := make([]card.FileKind, 0, len(s.own))
	for k := range s.own {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	return kinds
}
