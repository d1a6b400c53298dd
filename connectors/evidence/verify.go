package evidence

import (
	"archive/zip"
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/emmansun/gmsm/sm3"

	"onecard/card"
)

// Limits of what is read into memory of a pack that may be anybody's.
const (
	maxEntries  = 200_000
	maxDocument = 64 << 20 // a JSON document or the manifest
	maxLine     = 1 << 20
)

// Verify checks a pack of size bytes without the hub. trusted is the hub's public key as the hub has published it (the point in
// hex); when it is empty, the pack is checked against the key that it names itself, which proves only that it is whole. What is wrong
// with the pack stands in the report; the error is Invalid when the file is no archive at all.
func Verify(r io.ReaderAt, size int64, trusted string) (Report, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil || len(archive.File) > maxEntries {
		return Report{}, card.E(card.Invalid, "open the evidence pack", card.ReasonEvidenceShape, err)
	}
	v := &verifier{archive: archive, entries: map[string]*zip.File{}, Report: Report{Checks: newChecks()}}
	for i := range v.Checks {
		v.Checks[i].Holds = true
	}
	for _, f := range archive.File {
		v.entries[f.Name] = f
	}
	v.seal(r, size, strings.ToLower(strings.TrimSpace(trusted)))
	v.manifest()
	v.signature()
	v.content()
	return v.Report, nil
}

// verifier is a pack under verification.
type verifier struct {
	Report
	archive *zip.Reader
	entries map[string]*zip.File

	rollout   rollout
	programme card.Programme
	rulesText []byte
	chain     chain
	out       map[string]*moneyFile // files that carried payments, by name
	names     []string              // of out, by number
	files     map[string]file
	rows      rowSums
	refused   sum
}

func (v *verifier) check(n int) *Check { return &v.Checks[n] }

// seal checks the signature over all bytes before the archive's comment.
func (v *verifier) seal(r io.ReaderAt, size int64, trusted string) {
	c := v.check(checkSeal)
	key, signed, ok := parseSeal(v.archive.Comment)
	v.Key, v.Trusted = key, trusted != "" && key == trusted
	last := make([]byte, len(v.archive.Comment))
	if _, err := r.ReadAt(last, size-int64(len(last))); err != nil && !errors.Is(err, io.EOF) || string(last) != v.archive.Comment || !ok {
		c.wrong("封印缺失或格式不对 the seal is missing or malformed")
		return
	}
	digest := sm3.New()
	if _, err := io.Copy(digest, io.NewSectionReader(r, 0, size-int64(len(last)))); err != nil {
		c.wrong("读取失败 cannot be read: %v", err)
		return
	}
	c.Figure = fmt.Sprintf("%d bytes", size)
	if !signedBy(key, sealText(digest.Sum(nil)), signed) {
		c.wrong("归档文件被改动过 the archive was changed after it was sealed")
	}
	if trusted != "" && key != trusted {
		c.wrong("封印不是由所给的密钥签的 the seal is not by the key that was given")
	}
}

// manifest holds every entry against the manifest.
func (v *verifier) manifest() {
	c := v.check(checkManifest)
	if len(v.entries) != len(v.archive.File) {
		c.wrong("有重名的文件 two entries have one name")
	}
	left := map[string]bool{}
	for name := range v.entries {
		left[name] = name != entryManifest && name != entrySignature
	}
	for _, line := range strings.SplitAfter(string(v.document(c, entryManifest)), "\n") {
		if line == "" {
			continue
		}
		var digest, name string
		var size int64
		if _, err := fmt.Sscanf(line, "%64s %d %s\n", &digest, &size, &name); err != nil || fmt.Sprintf("%s %d %s\n", digest, size, name) != line {
			c.wrong("清单的一行不可读 a line of the manifest cannot be read")
			continue
		}
		if !left[name] {
			c.wrong("缺少 missing: %s", name)
			continue
		}
		left[name] = false
		v.entry(c, name, digest, size)
	}
	for name, extra := range left {
		if extra {
			c.wrong("多出 not in the manifest: %s", name)
		}
	}
	for _, name := range needed {
		if v.entries[name] == nil {
			c.wrong("缺少 missing: %s", name)
		}
	}
	c.Figure = fmt.Sprintf("%d entries", len(v.entries))
}

func (v *verifier) entry(c *Check, name, digest string, size int64) {
	got, n, err := v.measure(name)
	switch {
	case err != nil:
		c.wrong("不可读 cannot be read: %s", name)
	case n != size:
		c.wrong("大小不符 another size: %s", name)
	case got != digest:
		c.wrong("摘要不符 another digest: %s", name)
	}
}

func (v *verifier) measure(name string) (digest string, size int64, err error) {
	in, err := v.entries[name].Open()
	if err != nil {
		return "", 0, err
	}
	defer in.Close() //nolint:errcheck // read only
	sum := sm3.New()
	size, err = io.Copy(sum, in)
	return hex.EncodeToString(sum.Sum(nil)), size, err
}

// signature checks the signature over the manifest; its key must be the seal's.
func (v *verifier) signature() {
	c := v.check(checkSignature)
	text, signed := v.document(c, entryManifest), v.document(c, entrySignature)
	var key, digits string
	_, _ = fmt.Sscanf(string(signed), "key=%s\nsignature=%s\n", &key, &digits)
	der, err := hex.DecodeString(digits)
	if err != nil || !signedBy(key, text, der) {
		c.wrong("清单的签名无效 the manifest's signature is not valid")
	}
	if key != v.Key {
		c.wrong("清单与封印不是同一密钥 manifest and seal are by different keys")
	}
	c.Figure = "key sm3 " + digestOf([]byte(key))[:16]
}

// content checks what the entries say.
func (v *verifier) content() {
	if !v.readRollout() {
		return
	}
	v.followChain()
	v.readFiles()
	v.readRows()
	v.judgeContent()
	v.judgeApprovals()
	v.judgeRoster()
	v.judgeReconciliation()
	v.judgeFiles()
	v.judgeRaw()
}

// document reads an entry whole. What is missing or too large is noted and read as nothing.
func (v *verifier) document(c *Check, name string) []byte {
	f := v.entries[name]
	if f == nil {
		c.wrong("缺少 missing: %s", name)
		return nil
	}
	in, err := f.Open()
	if err != nil {
		c.wrong("不可读 cannot be read: %s", name)
		return nil
	}
	defer in.Close() //nolint:errcheck // read only
	text, err := io.ReadAll(io.LimitReader(in, maxDocument+1))
	if err != nil || len(text) > maxDocument {
		c.wrong("不可读 cannot be read: %s", name)
		return nil
	}
	return text
}

// decode reads an entry of one JSON value.
func (v *verifier) decode(c *Check, name string, into any) bool {
	text := v.document(c, name)
	if text == nil {
		return false
	}
	if err := json.Unmarshal(text, into); err != nil {
		c.wrong("不是JSON no JSON: %s", name)
		return false
	}
	return true
}

// lines reads an entry of one JSON value a line, and hands each to visit.
func lines[T any](v *verifier, c *Check, name string, visit func(T)) {
	f := v.entries[name]
	if f == nil {
		c.wrong("缺少 missing: %s", name)
		return
	}
	in, err := f.Open()
	if err != nil {
		c.wrong("不可读 cannot be read: %s", name)
		return
	}
	defer in.Close() //nolint:errcheck // read only
	s := bufio.NewScanner(in)
	s.Buffer(nil, maxLine)
	for n := 1; s.Scan(); n++ {
		var row T
		if err := json.Unmarshal(s.Bytes(), &row); err != nil {
			c.wrong("%s 第%d行不可读 line %d cannot be read", name, n, n)
			continue
		}
		visit(row)
	}
	if s.Err() != nil {
		c.wrong("不可读 cannot be read: %s", name)
	}
}
