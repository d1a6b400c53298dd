package xlsx

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"onecard/card"
)

// directoryBytes bounds what is read of a zip's table of contents: 1,000 entries need a tenth of it.
const directoryBytes = 4 << 20

// partBytes bounds a part of a workbook that is read whole: its list of sheets and its relationships.
const partBytes = 4 << 20

var (
	errDirectory = errors.New("the table of contents of the zip is too long")
	errBomb      = errors.New("unzips to more than is allowed")
)

// archive is a workbook's zip, read under limits. left is what may still be unzipped of it, over all its parts together.
type archive struct {
	parts map[string]*zip.File
	limit int64
	left  int64
}

// openArchive reads the table of contents and refuses what cannot be a workbook or declares more than the limits allow.
func openArchive(r io.ReaderAt, size int64, limits Limits) (*archive, error) {
	budget := &budgetAt{src: r, left: directoryBytes}
	z, err := zip.NewReader(budget, size)
	if errors.Is(err, errDirectory) {
		return nil, refuse(card.ReasonFileBomb, "压缩包目录过长 / %v", errDirectory)
	}
	if err != nil {
		return nil, refuse(card.ReasonFileUnreadable, "压缩包已损坏 / the zip of the workbook is damaged: %w", err)
	}
	budget.left = -1
	if len(z.File) > limits.Entries {
		return nil, refuse(card.ReasonFileBomb, "压缩包内有 %d 个文件，最多 %d 个 / the zip has %d entries, at most %d are allowed",
			len(z.File), limits.Entries, len(z.File), limits.Entries)
	}
	a := &archive{parts: make(map[string]*zip.File, len(z.File)), limit: limits.Unzipped, left: limits.Unzipped}
	return a, a.index(z.File)
}

// index names the parts and adds up what they declare.
func (a *archive) index(files []*zip.File) error {
	var declared uint64
	for _, f := range files {
		if f.UncompressedSize64 > uint64(a.limit) { //nolint:gosec // a limit is never negative
			return a.bomb()
		}
		declared += f.UncompressedSize64
		if leadsOut(f.Name) {
			return refuse(card.ReasonFileZipPath, "压缩包内有指向外面的路径 / an entry of the zip leads out of it")
		}
		name := partName(f.Name)
		if _, twice := a.parts[name]; twice {
			return refuse(card.ReasonFileUnreadable, "压缩包内文件重名 / an entry is in the zip twice")
		}
		a.parts[name] = f
	}
	if declared > uint64(a.limit) { //nolint:gosec // a limit is never negative
		return a.bomb()
	}
	return nil
}

func (a *archive) bomb() error {
	return refuse(card.ReasonFileBomb, "解压后超过 %d MiB / the workbook %v: %d MiB", a.limit>>20, errBomb, a.limit>>20)
}

// leadsOut says whether the name of a zip entry is one by which careless programs write beside the folder that they unzip to.
// Nothing is unzipped to a disk here, and no program that people use writes such names.
func leadsOut(name string) bool {
	parts := strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == '\\' })
	return slices.Contains(parts, "..") || len(name) > 1 && name[1] == ':' || strings.ContainsRune(name, 0)
}

// partName brings the name of a zip entry into one form; some programs write backslashes or a leading slash.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/"))
}

func (a *archive) has(name string) bool { return a.parts[partName(name)] != nil }

// open unzips a part. What is read counts against the limit, whatever the zip declared.
func (a *archive) open(name string) (io.ReadCloser, error) {
	f := a.parts[partName(name)]
	if f == nil {
		return nil, refuse(card.ReasonFileUnreadable, "工作簿缺少部件 / the workbook lacks a part that it names")
	}
	r, err := f.Open()
	if err != nil {
		return nil, refuse(card.ReasonFileUnreadable, "工作簿部件无法打开 / a part of the workbook cannot be unzipped: %w", err)
	}
	return &part{ReadCloser: r, of: a}, nil
}

// decode unzips a small part and decodes its XML into v.
func (a *archive) decode(name string, v any) error {
	r, err := a.open(name)
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // nothing was written
	d := xml.NewDecoder(io.LimitReader(r, partBytes))
	d.Strict = true
	if err := d.Decode(v); err != nil {
		return unreadable(err)
	}
	return nil
}

// part is one unzipped entry.
type part struct {
	io.ReadCloser
	of *archive
}

func (p *part) Read(b []byte) (int, error) {
	n, err := p.ReadCloser.Read(b)
	p.of.left -= int64(n)
	if p.of.left < 0 {
		return 0, p.of.bomb()
	}
	return n, err
}

// unreadable gives an error met while a part is read the reason FILE_UNREADABLE, unless it has one already.
func unreadable(err error) error {
	var known *card.Error
	if errors.As(err, &known) {
		return err
	}
	return refuse(card.ReasonFileUnreadable, "文件内容已损坏 / the content of the file is damaged: %w", err)
}

// refuse makes the error of a file that is refused whole.
func refuse(reason card.Reason, format string, args ...any) error {
	return card.E(card.Invalid, "read workbook", reason, fmt.Errorf(format, args...))
}

// budgetAt fails reads once more than left bytes were asked for; negative is without limit.
type budgetAt struct {
	src  io.ReaderAt
	left int64
}

func (b *budgetAt) ReadAt(p []byte, off int64) (int, error) {
	if b.left >= 0 {
		if int64(len(p)) > b.left {
			return 0, errDirectory
		}
		b.left -= int64(len(p))
	}
	return b.src.ReadAt(p, off)
}
