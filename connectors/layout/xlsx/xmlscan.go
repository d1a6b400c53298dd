package xlsx

import (
	"bytes"
	"errors"
	"io"
)

// markup is the kind of thing that a scanner has found.
type markup uint8

const (
	markupText markup = iota
	markupStart
	markupEnd
)

// scanWindow bounds a tag, and the piece in which a long text is handed out.
const scanWindow = 256 << 10

var (
	errXMLTag     = errors.New("an XML tag is longer than 256 KiB or not closed")
	errXMLDoctype = errors.New("the XML declares a document type, which a workbook never does")
	errXMLCut     = errors.New("the XML ends in the middle")
)

// scanner reads the XML of a sheet as a flat run of tags and texts. It keeps one window of bytes and no tree, resolves no
// entity but the five of XML and character references, and refuses document types. Names are handed out without their
// namespace prefix, because some programs write <x:row>.
type scanner struct {
	src  io.Reader
	buf  []byte
	r, w int
	err  error

	name    []byte // local name of the tag found last
	attrs   []byte // its attributes as they stand
	text    []byte // the text found last, entities not resolved unless literal
	literal bool   // the text came from CDATA
	closing bool   // the tag found last was <name/>: its end is still to be told
}

func newScanner(src io.Reader) *scanner {
	return &scanner{src: src, buf: make([]byte, scanWindow)}
}

// next finds the next tag or text; io.EOF at the end. What it found is valid until the following call.
func (s *scanner) next() (markup, error) {
	if s.closing {
		s.closing = false
		return markupEnd, nil
	}
	for {
		n, err := s.until('<')
		if n > 0 {
			s.take(n, false)
			return markupText, nil
		}
		if err != nil {
			return 0, err
		}
		kind, found, err := s.tag()
		if err != nil || found {
			return kind, err
		}
	}
}

// until returns how many bytes stand before the next c. Without a c in a full window, or before the end, it returns what
// there is; io.EOF only when nothing is left.
func (s *scanner) until(c byte) (int, error) {
	from := s.r
	for {
		if i := bytes.IndexByte(s.buf[from:s.w], c); i >= 0 {
			return from + i - s.r, nil
		}
		seen := s.w - s.r
		if seen == len(s.buf) {
			return seen, nil
		}
		if err := s.fill(); err != nil {
			if errors.Is(err, io.EOF) && seen > 0 {
				return seen, nil
			}
			return 0, err
		}
		from = s.r + seen
	}
}

// fill reads more behind what the window holds, moving it to the front first.
func (s *scanner) fill() error {
	if s.err != nil {
		return s.err
	}
	if s.r > 0 {
		s.w = copy(s.buf, s.buf[s.r:s.w])
		s.r = 0
	}
	n, err := s.src.Read(s.buf[s.w:])
	s.w += n
	s.err = err
	if n > 0 {
		return nil
	}
	return err
}

func (s *scanner) take(n int, literal bool) {
	s.text, s.literal = s.buf[s.r:s.r+n], literal
	s.r += n
}

// tag reads what begins with '<'. found is false for comments and processing instructions.
func (s *scanner) tag() (kind markup, found bool, err error) {
	if s.w-s.r < 2 && s.fill() != nil {
		return 0, false, errXMLCut
	}
	if c := s.buf[s.r+1]; c == '!' || c == '?' {
		return s.declaration()
	}
	body, err := s.tagBody()
	if err != nil {
		return 0, false, err
	}
	return s.read(body), true, nil
}

// declaration reads what is no tag: a comment, a processing instruction, CDATA.
func (s *scanner) declaration() (kind markup, found bool, err error) {
	switch {
	case s.begins("<!--"):
		return 0, false, s.skip("-->")
	case s.begins("<?"):
		return 0, false, s.skip("?>")
	case s.begins("<![CDATA["):
		return markupText, true, s.cdata()
	}
	return 0, false, errXMLDoctype
}

// begins tells whether the window starts with mark, reading on as needed.
func (s *scanner) begins(mark string) bool {
	for s.w-s.r < len(mark) {
		if s.fill() != nil {
			return false
		}
	}
	return string(s.buf[s.r:s.r+len(mark)]) == mark
}

// skip drops everything up to and with mark, however long.
func (s *scanner) skip(mark string) error {
	for {
		if i := bytes.Index(s.buf[s.r:s.w], []byte(mark)); i >= 0 {
			s.r += i + len(mark)
			return nil
		}
		if keep := len(mark) - 1; s.w-s.r > keep {
			s.r = s.w - keep
		}
		if err := s.fill(); err != nil {
			return cut(err)
		}
	}
}

func (s *scanner) cdata() error {
	const open, end = "<![CDATA[", "]]>"
	for {
		if i := bytes.Index(s.buf[s.r:s.w], []byte(end)); i >= 0 {
			s.text, s.literal = s.buf[s.r+len(open):s.r+i], true
			s.r += i + len(end)
			return nil
		}
		if s.w-s.r == len(s.buf) {
			return errXMLTag
		}
		if err := s.fill(); err != nil {
			return cut(err)
		}
	}
}

// tagBody returns what stands between '<' and its '>', minding that an attribute may hold a '>'.
func (s *scanner) tagBody() ([]byte, error) {
	var quote byte
	for at := 1; ; {
		for _, c := range s.buf[s.r+at : s.w] {
			at++
			switch {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '>':
				body := s.buf[s.r+1 : s.r+at-1]
				s.r += at
				return body, nil
			case c == '"' || c == '\'':
				quote = c
			}
		}
		if at == len(s.buf) {
			return nil, errXMLTag
		}
		if err := s.fill(); err != nil {
			return nil, cut(err)
		}
	}
}

// read splits the body of a tag into name and attributes.
func (s *scanner) read(body []byte) markup {
	kind := markupStart
	if len(body) > 0 && body[0] == '/' {
		kind, body = markupEnd, body[1:]
	} else if n := len(body); n > 0 && body[n-1] == '/' {
		s.closing, body = true, body[:n-1]
	}
	s.name, s.attrs = body, nil
	for i, c := range body {
		if c == ':' {
			s.name = body[i+1:]
		}
		if c <= ' ' {
			s.name, s.attrs = s.name[:len(s.name)-len(body)+i], body[i:]
			break
		}
	}
	return kind
}

func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return errXMLCut
	}
	return err
}
