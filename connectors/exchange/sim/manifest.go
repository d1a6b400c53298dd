package sim

import (
	"bytes"
	"cmp"
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/emmansun/gmsm/sm2"
)

// Manifest is what stands in a file's .ok: the promise that the reader checks the file against.
type Manifest struct {
	Name    FileName
	Version int   // of the layout; 0 for 1
	Size    int64 // bytes
	Rows    int   // detail lines
	Total   int64 // fen
	SM3     string
}

// maxManifest bounds a manifest's size; a genuine one has some 400 bytes.
const maxManifest = 4096

// keys of a manifest in their order, before the signature.
var manifestKeys = []string{"manifest", "name", "layout", "date", "sequence", "size", "rows", "total", "sm3"}

// Sign returns the manifest's text with the signature of key over all lines before it.
func (m Manifest) Sign(key *sm2.PrivateKey) ([]byte, error) {
	text := fmt.Appendf(nil, "manifest=1\nname=%s\nlayout=%s/%d\ndate=%s\nsequence=%d\nsize=%d\nrows=%d\ntotal=%d\nsm3=%s\n",
		m.Name, m.Name.Kind, cmp.Or(m.Version, 1), m.Name.Date, m.Name.Seq, m.Size, m.Rows, m.Total, m.SM3)
	signature, err := key.SignWithSM2(rand.Reader, []byte(userID), text)
	if err != nil {
		return nil, fmt.Errorf("sign manifest: %w", err)
	}
	return fmt.Appendf(text, "signature=%x\n", signature), nil
}

// ReadManifest reads a manifest and checks that it is complete, in order, of one meaning and signed by key.
func ReadManifest(text []byte, key *ecdsa.PublicKey) (Manifest, error) {
	values, signed, err := manifestLines(text)
	if err != nil {
		return Manifest{}, err
	}
	m, err := manifestValues(values)
	if err != nil {
		return Manifest{}, err
	}
	signature, err := hex.DecodeString(values[len(manifestKeys)])
	if err != nil || !sm2.VerifyASN1WithSM2(key, []byte(userID), signed, signature) {
		return Manifest{}, &Refusal{Code: "FILE_SIGNATURE"}
	}
	return m, nil
}

// manifestLines returns the values in order, the signature last, and the signed part of the text.
func manifestLines(text []byte) (values []string, signed []byte, err error) {
	keys := append(append([]string{}, manifestKeys...), "signature")
	rest := text
	for _, key := range keys {
		if key == "signature" {
			signed = text[:len(text)-len(rest)]
		}
		line, after, found := bytes.Cut(rest, []byte("\n"))
		value, ok := strings.CutPrefix(string(line), key+"=")
		if !found || !ok {
			return nil, nil, &Refusal{Code: "FILE_MANIFEST", Detail: "key " + key}
		}
		values = append(values, value)
		rest = after
	}
	if len(rest) > 0 {
		return nil, nil, &Refusal{Code: "FILE_MANIFEST", Detail: "more after the signature"}
	}
	return values, signed, nil
}

func manifestValues(v []string) (Manifest, error) {
	name, err := ParseFileName(v[1])
	if err != nil {
		return Manifest{}, err
	}
	version, err := strconv.Atoi(strings.TrimPrefix(v[2], name.Kind+"/"))
	if err != nil || version < 1 {
		return Manifest{}, &Refusal{Code: "FILE_MANIFEST", Detail: "key layout"}
	}
	want := []string{"1", name.String(), name.Kind + "/" + strconv.Itoa(version), name.Date, strconv.Itoa(name.Seq)}
	for i, w := range want {
		if v[i] != w {
			return Manifest{}, &Refusal{Code: "FILE_MANIFEST", Detail: "key " + manifestKeys[i]}
		}
	}
	var numbers [3]int64
	for i := range numbers {
		if numbers[i], err = plainNumber(v[5+i]); err != nil {
			return Manifest{}, &Refusal{Code: "FILE_MANIFEST", Detail: "key " + manifestKeys[5+i]}
		}
	}
	if len(v[8]) != 64 || strings.Trim(v[8], "0123456789abcdef") != "" {
		return Manifest{}, &Refusal{Code: "FILE_MANIFEST", Detail: "key sm3"}
	}
	return Manifest{Name: name, Version: version, Size: numbers[0], Rows: int(numbers[1]), Total: numbers[2], SM3: v[8]}, nil
}

// plainNumber reads digits without sign or leading zeros.
func plainNumber(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != s {
		return 0, strconv.ErrSyntax
	}
	return n, nil
}
