package xlsx

import (
	"io"
	"path"
	"slices"
	"strings"

	"onecard/card"
)

// Book is a workbook of which one sheet is read.
type Book struct {
	archive   *archive
	sheet     sheetRef
	part      string   // of the sheet
	others    []string // sheets whose names begin like the one that was looked for, and are not read
	from1904  bool
	strings   *sharedStrings
	cellRunes int
}

// Sheet returns the name of the sheet that is read.
func (b *Book) Sheet() string { return b.sheet.Name }

// Others returns the visible sheets whose names begin like the one that was looked for, and are not read.
func (b *Book) Others() []string { return slices.Clone(b.others) }

// From1904 says whether the serial numbers of dates count from 1904, as in workbooks that once came from a Macintosh.
func (b *Book) From1904() bool { return b.from1904 }

type sheetRef struct {
	Name  string `xml:"name,attr"`
	State string `xml:"state,attr"`
	ID    string `xml:"id,attr"`
}

type workbookPart struct {
	Properties struct {
		Date1904 string `xml:"date1904,attr"`
	} `xml:"workbookPr"`
	Sheets []sheetRef `xml:"sheets>sheet"`
}

type relations struct {
	Relations []relation `xml:"Relationship"`
}

type relation struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
	Mode   string `xml:"TargetMode,attr"`
}

// Open opens a workbook of size bytes and finds its sheet: the one of that name, or else the first that is not hidden. The
// error, an Invalid card.Error with a FILE_ reason, is in Chinese and English and repeats nothing of what the book holds.
func Open(r io.ReaderAt, size int64, sheet string, limits Limits) (*Book, error) {
	a, err := openArchive(r, size, limits)
	if err != nil {
		return nil, err
	}
	main, err := a.mainPart()
	if err != nil {
		return nil, err
	}
	var part workbookPart
	if err := a.decode(main, &part); err != nil {
		return nil, err
	}
	calendar := part.Properties.Date1904
	b := &Book{archive: a, from1904: calendar == "1" || calendar == "true", cellRunes: limits.CellRunes}
	if !b.choose(part.Sheets, sheet) {
		return nil, refuse(card.ReasonFileEmpty, "工作簿没有可见的工作表 / the workbook has no visible sheet")
	}
	b.part, err = b.load(main)
	return b, err
}

// mainPart finds the workbook in the zip, which could as well be a text document or an archive of anything.
func (a *archive) mainPart() (string, error) {
	var rels relations
	if a.has("_rels/.rels") {
		if err := a.decode("_rels/.rels", &rels); err != nil {
			return "", err
		}
	}
	for _, r := range rels.Relations {
		if strings.HasSuffix(r.Type, "/officeDocument") && a.has(r.Target) && strings.HasSuffix(r.Target, "workbook.xml") {
			return r.Target, nil
		}
	}
	return "", refuse(card.ReasonFileNotWorkbook, "%s / %s", a.foundZH(), a.foundEN())
}

// foundZH and foundEN say what kind of zip was handed in instead of a workbook.
func (a *archive) foundZH() string {
	switch {
	case a.has("xl/workbook.bin"):
		return "这是 .xlsb 二进制工作簿，请另存为 .xlsx"
	case a.has("word/document.xml"):
		return "这是 Word 文档，请使用名册模板 .xlsx"
	case a.has("content.xml"):
		return "这是 OpenDocument 文件，请另存为 .xlsx"
	}
	return "这是压缩包，不是 Excel 工作簿"
}

func (a *archive) foundEN() string {
	switch {
	case a.has("xl/workbook.bin"):
		return "found a binary workbook (.xlsb), expected .xlsx"
	case a.has("word/document.xml"):
		return "found a Word document, expected .xlsx"
	case a.has("content.xml"):
		return "found an OpenDocument file, expected .xlsx"
	}
	return "found a zip that holds no workbook, expected .xlsx"
}

func (b *Book) choose(sheets []sheetRef, name string) bool {
	found := false
	for _, s := range sheets {
		visible := s.State == "" || s.State == "visible"
		named := strings.TrimSpace(s.Name) == name
		if visible && (!found || (named && b.sheet.Name != name)) {
			b.sheet, found = s, true
			b.sheet.Name = strings.TrimSpace(s.Name)
		}
		if visible && !named && strings.HasPrefix(s.Name, name) {
			b.others = append(b.others, s.Name)
		}
	}
	return found
}

// load reads the shared strings and returns the name of the sheet's part.
func (b *Book) load(main string) (string, error) {
	var rels relations
	folder, file := path.Split(main)
	if err := b.archive.decode(folder+"_rels/"+file+".rels", &rels); err != nil {
		return "", err
	}
	sheet := ""
	for _, r := range rels.Relations {
		target := resolve(folder, r.Target)
		switch {
		case r.Mode == "External":
		case r.ID == b.sheet.ID && strings.HasSuffix(r.Type, "/worksheet"):
			sheet = target
		case strings.HasSuffix(r.Type, "/sharedStrings"):
			if err := b.share(target); err != nil {
				return "", err
			}
		}
	}
	if sheet == "" {
		return "", refuse(card.ReasonFileUnreadable, "工作表缺失 / the sheet is named in the workbook but not in it")
	}
	return sheet, nil
}

func (b *Book) share(name string) error {
	if !b.archive.has(name) {
		return nil
	}
	r, err := b.archive.open(name)
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // nothing was written
	if b.strings, err = readShared(r); err != nil {
		return unreadable(err)
	}
	return nil
}

// resolve finds the part that a relationship of the workbook points to.
func resolve(folder, target string) string {
	if strings.HasPrefix(target, "/") {
		return target
	}
	return path.Join(folder, target)
}
