package xlsx

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestScannerReadsLikeTheStandardLibrary compares the scanner with encoding/xml on documents made of arbitrary pieces.
func TestScannerReadsLikeTheStandardLibrary(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{
		"<a>", "</a>", "<b c=\"d>e\" x:f='g\"h'>", "</b>", "<i/>", "<n:j k = \"l\" />", "text", "冼&amp;&#x20BB7;", "<!-- <a> -->",
		"<![CDATA[<z>&]]>", "<?pi <b>?>", " \n", strings.Repeat("长", 100),
	})
	rapid.Check(t, func(t *rapid.T) {
		doc := "<r>" + strings.Join(rapid.SliceOf(piece).Draw(t, "pieces"), "") + "</r>"
		want, err := standardTokens(doc)
		if err != nil {
			t.Skip("not well formed")
		}
		got, err := ourTokens(doc)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func standardTokens(doc string) (string, error) {
	var b strings.Builder
	d := xml.NewDecoder(strings.NewReader(doc))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return b.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			b.WriteString("<" + token.Name.Local)
			for _, a := range token.Attr {
				b.WriteString(" " + a.Name.Local + "=" + a.Value)
			}
		case xml.EndElement:
			b.WriteString(">" + token.Name.Local)
		case xml.CharData:
			b.Write(token)
		}
	}
}

func ourTokens(doc string) (string, error) {
	var b strings.Builder
	s := newScanner(strings.NewReader(doc))
	for {
		kind, err := s.next()
		if errors.Is(err, io.EOF) {
			return b.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch kind {
		case markupStart:
			b.WriteString("<" + string(s.name))
			for _, name := range []string{"c", "f", "k"} {
				if v := attr(s.attrs, name); v != nil {
					b.WriteString(" " + name + "=" + string(v))
				}
			}
		case markupEnd:
			b.WriteString(">" + string(s.name))
		case markupText:
			text, err := s.text, error(nil)
			if !s.literal {
				text, err = appendText(nil, s.text)
			}
			if err != nil {
				return "", err
			}
			b.Write(text)
		}
	}
}
