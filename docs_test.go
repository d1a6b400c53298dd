package onecard_test

import (
	"bytes"
	"encoding/hex"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// document is one page of the documentation.
type document struct {
	file   string // relative to the root, with slashes
	prose  string // without fenced blocks
	blocks []block
}

// block is a fenced block.
type block struct{ language, text string }

var (
	fence   = regexp.MustCompile("(?ms)^ *```([a-z]*)\n(.*?)^ *```$")
	link    = regexp.MustCompile(`\[([^\[\]]*)\]\(([^()\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	code    = regexp.MustCompile("^`([A-Za-z.]+)`$")
)

// documents reads all pages.
func documents(t *testing.T) []document {
	t.Helper()
	files := []string{"README.md", "CONTRIBUTING.md"}
	require.NoError(t, filepath.WalkDir("docs", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && path.Ext(name) == ".md" {
			files = append(files, filepath.ToSlash(name))
		}
		return err
	}))
	var pages []document
	for _, file := range files {
		pages = append(pages, readDocument(t, file))
	}
	return pages
}

func readDocument(t *testing.T, file string) document {
	t.Helper()
	text := read(t, file)
	d := document{file: file, prose: fence.ReplaceAllString(text, "")}
	for _, m := range fence.FindAllStringSubmatch(text, -1) {
		d.blocks = append(d.blocks, block{m[1], m[2]})
	}
	return d
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

// TestLinksOfDocumentsResolve follows every relative link, to its heading too. A link from `Name` to a Go file promises that
// the file declares it.
func TestLinksOfDocumentsResolve(t *testing.T) {
	t.Parallel()
	followed := 0
	for _, d := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(d.prose, -1) {
			if strings.Contains(m[2], "://") {
				continue
			}
			d.follow(t, m[1], m[2])
			followed++
		}
	}
	require.Greater(t, followed, 100, "the links were found")
}

func (d document) follow(t *testing.T, text, target string) {
	t.Helper()
	file, anchor, _ := strings.Cut(target, "#")
	name := d.file
	if file != "" {
		name = path.Join(path.Dir(d.file), file)
	}
	require.True(t, filepath.IsLocal(name), "%s: %s leaves the repository", d.file, target)
	_, err := os.Stat(name)
	require.NoError(t, err, "%s: %s", d.file, target)
	if anchor != "" {
		require.Contains(t, anchors(t, name), anchor, "%s: %s", d.file, target)
	}
	if m := code.FindStringSubmatch(text); m != nil && path.Ext(name) == ".go" {
		require.Contains(t, declared(t, name), m[1][strings.LastIndex(m[1], ".")+1:], "%s says that it is in %s", d.file, name)
	}
}

// anchors are the names under which the headings of a page can be linked to.
func anchors(t *testing.T, file string) []string {
	t.Helper()
	var names []string
	for _, m := range heading.FindAllStringSubmatch(readDocument(t, file).prose, -1) {
		names = append(names, anchorOf(m[1]))
	}
	return names
}

// anchorOf makes an anchor as forges do: in lower case, blanks as hyphens, without punctuation.
func anchorOf(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, title)
}

// declared are the names of the functions, methods, types and values of a Go file.
func declared(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	var names []string
	for _, decl := range parsed.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			names = append(names, d.Name.Name)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				names = append(names, specNames(spec)...)
			}
		}
	}
	return names
}

func specNames(spec ast.Spec) (names []string) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		names = append(names, s.Name.Name)
	case *ast.ValueSpec:
		for _, n := range s.Names {
			names = append(names, n.Name)
		}
	}
	return names
}

// TestWorkedExchangeIsGenuine holds the data files that the partner guide shows against the manifests that it shows: size,
// rows, digest, and the signature by the hub's key for requests and by civil affairs' for answers.
func TestWorkedExchangeIsGenuine(t *testing.T) {
	t.Parallel()
	files, manifests, keys := map[string][]byte{}, []string{}, [][]byte{}
	for _, b := range readDocument(t, "docs/partner-files.md").blocks {
		switch {
		case strings.HasPrefix(b.text, "manifest=1\n"):
			manifests = append(manifests, b.text)
		case strings.HasPrefix(b.text, "04") && len(b.text) == 131:
			key, err := hex.DecodeString(strings.TrimSpace(b.text))
			require.NoError(t, err)
			keys = append(keys, key)
		case strings.HasPrefix(b.text, "H|") && b.language == "text":
			data, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(b.text))
			require.NoError(t, err)
			files[strings.Split(b.text, "|")[3]] = data
		}
	}
	require.Len(t, manifests, 2)
	require.Len(t, keys, 2)
	for i, m := range manifests {
		checkManifest(t, m, files, keys[i])
	}
}

func checkManifest(t *testing.T, text string, files map[string][]byte, key []byte) {
	t.Helper()
	signed, signature, found := strings.Cut(text, "signature=")
	require.True(t, found)
	value := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(signed), "\n") {
		k, v, _ := strings.Cut(line, "=")
		value[k] = v
	}
	data := files[value["name"]]
	require.Equal(t, value["size"], strconv.Itoa(len(data)), value["name"])
	require.Equal(t, value["rows"], strconv.Itoa(bytes.Count(data, []byte("\nD|"))))
	digest := sm3.Sum(data)
	require.Equal(t, value["sm3"], hex.EncodeToString(digest[:]))
	public, err := sm2.NewPublicKey(key)
	require.NoError(t, err)
	der, err := hex.DecodeString(strings.TrimSpace(signature))
	require.NoError(t, err)
	require.True(t, sm2.VerifyASN1WithSM2(public, []byte("1234567812345678"), []byte(signed), der))
}
