package exchange

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/emmansun/gmsm/sm2"

	"onecard/card"
)

// maxManifest is the longest manifest that is read, in bytes; a real one has about 400.
const maxManifest = 4 << 10

// userID goes into every signature, as GB/T 35276 has it.
const userID = "1234567812345678"

// The keys of a manifest in the order of their lines.
var manifestKeys = [...]string{"manifest", "name", "layout", "date", "sequence", "size", "rows", "total", "sm3", "signature"}

var (
	layoutShape = regexp.MustCompile(`^[A-Z]{3,12}/[1-9][0-9]{0,3}$`)
	digestShape = regexp.MustCompile(`^[0-9a-f]{64}$`)
	signedShape = regexp.MustCompile(`^(?:[0-9a-f]{2}){8,80}$`)
)

// statement returns the lines of m that are signed.
func statement(m card.Manifest) []byte {
	values := []any{1, m.Name, m.Layout, m.Date, m.Sequence, m.Size, m.Rows, m.TotalFen, m.SM3}
	var text []byte
	for i, v := range values {
		text = fmt.Appendf(text, "%s=%v\n", manifestKeys[i], v)
	}
	return text
}

// encodeManifest returns the text of m's `.ok` file, signed with key.
func encodeManifest(m card.Manifest, key *sm2.PrivateKey) ([]byte, error) {
	return signLines(statement(m), key)
}

// signed is a manifest as it was read; nobody has vouched for it yet.
type signed struct {
	card.Manifest
	statement []byte
	signature []byte
}

// by tells whether key signed s.
func (s signed) by(key *ecdsa.PublicKey) bool {
	return sm2.VerifyASN1WithSM2(key, []byte(userID), s.statement, s.signature)
}

// parseManifest accepts exactly the text that encodeManifest makes, whoever signed it.
func parseManifest(text []byte) (signed, error) {
	if len(text) > maxManifest {
		return signed{}, errors.New("manifest is too long")
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	if len(lines) != len(manifestKeys)+1 || len(lines[len(manifestKeys)]) != 0 {
		return signed{}, fmt.Errorf("manifest has not %d lines", len(manifestKeys))
	}
	var values [len(manifestKeys)]string
	for i, key := range manifestKeys {
		value, ok := bytes.CutPrefix(lines[i], []byte(key+"="))
		if !ok {
			return signed{}, fmt.Errorf("manifest line %d is not %s", i+1, key)
		}
		values[i] = string(bytes.TrimSuffix(value, []byte("\n")))
	}
	return readManifest(values, text[:len(text)-len(lines[len(manifestKeys)-1])])
}

func readManifest(values [len(manifestKeys)]string, text []byte) (signed, error) {
	m := card.Manifest{Name: values[1], Layout: values[2], Date: values[3], SM3: values[8]}
	var sequence, rows int64
	for i, into := range [...]*int64{&sequence, &m.Size, &rows, &m.TotalFen} {
		n, err := strconv.ParseInt(values[4+i], 10, 64)
		if err != nil || n < 0 {
			return signed{}, fmt.Errorf("manifest line %s is no number", manifestKeys[4+i])
		}
		*into = n
	}
	m.Sequence, m.Rows = int(sequence), int(rows)
	if err := checkShape(m); err != nil {
		return signed{}, err
	}
	if !signedShape.MatchString(values[9]) {
		return signed{}, errors.New("manifest line signature is no signature")
	}
	signature, err := hex.DecodeString(values[9])
	if err != nil {
		return signed{}, fmt.Errorf("manifest line signature: %w", err)
	}
	// Whatever has another spelling (leading zeros, a sign, another version) is not the same text.
	if !bytes.Equal(statement(m), text) {
		return signed{}, errors.New("manifest is not written in the one accepted way")
	}
	return signed{Manifest: m, statement: text, signature: signature}, nil
}

func checkShape(m card.Manifest) error {
	f, err := card.ParseFileName(m.Name)
	switch {
	case err != nil:
		return fmt.Errorf("manifest line name: %w", err)
	case f.Date != m.Date || f.Seq != m.Sequence:
		return errors.New("manifest's date and sequence are not those of its name")
	case m.Rows < 0 || int64(m.Rows) > m.Size || m.TotalFen < 0:
		return errors.New("manifest's rows or total cannot be")
	case !layoutShape.MatchString(m.Layout):
		return errors.New("manifest line layout is no layout")
	case !digestShape.MatchString(m.SM3):
		return errors.New("manifest line sm3 is no digest")
	default:
		return nil
	}
}
