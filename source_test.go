package onecard_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// source is what the checks look at in one Go file of this module.
type source struct {
	file    string // relative to the root, with slashes
	imports []string
	inits   int
}

func (s source) folder() string { return path.Dir(s.file) }

func (s source) isTest() bool { return strings.HasSuffix(s.file, "_test.go") }

// nameless are names that say nothing of what is inside.
var nameless = []string{"util", "utils", "common", "helper", "helpers", "misc", "models", "manager"}

func TestNoInitAndNoNamelessFile(t *testing.T) {
	t.Parallel()
	for _, s := range parseModule(t) {
		require.Zero(t, s.inits, "%s has an init function", s.file)
		for _, part := range strings.Split(strings.TrimSuffix(strings.TrimSuffix(s.file, ".go"), "_test"), "/") {
			require.NotContains(t, nameless, part, "%s: name it for what it holds", s.file)
		}
	}
}

// TestGoldenNamesAreUnique looks at the registered names once they are there: a name listed twice has been merged badly.
func TestGoldenNamesAreUnique(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("testdata", "names.golden"))
	if os.IsNotExist(err) {
		return
	}
	require.NoError(t, err)
	names := strings.Split(strings.TrimSpace(string(text)), "\n")
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(names))), len(names))
}

// parseModule reads all Go files of this module, whatever their build tags.
func parseModule(t *testing.T) []source {
	t.Helper()
	var sources []source
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skipFolder(name)
		}
		if strings.HasSuffix(name, ".go") {
			sources = append(sources, parseSource(t, filepath.ToSlash(name)))
		}
		return nil
	})
	require.NoError(t, err)
	return sources
}

// skipFolder leaves out what is not this module's source: hidden folders, what we build and run, and nested modules.
func skipFolder(name string) error {
	if name == "." {
		return nil
	}
	base := filepath.Base(name)
	if strings.HasPrefix(base, ".") || base == "testdata" || name == "bin" || name == "var" {
		return fs.SkipDir
	}
	if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

func parseSource(t *testing.T, file string) source {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	s := source{file: file}
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		require.NoError(t, err)
		s.imports = append(s.imports, imported)
	}
	for _, decl := range parsed.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			s.inits++
		}
	}
	return s
}
