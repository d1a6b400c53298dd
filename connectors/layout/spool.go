package layout

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// spoolMemory is what a spool keeps in memory before it takes a file.
const spoolMemory = 1 << 20

// spool holds back what is written to it: in memory while that is little, then in a file without a name, which nobody finds
// and which goes with the process.
type spool struct {
	w    io.Writer // where it goes in the end
	text bytes.Buffer
	file *os.File
}

func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && s.text.Len()+len(p) > spoolMemory {
		if err := s.open(); err != nil {
			return 0, err
		}
	}
	if s.file == nil {
		return s.text.Write(p)
	}
	return s.file.Write(p)
}

func (s *spool) open() error {
	file, err := os.CreateTemp("", "onecard-layout-*")
	if err != nil {
		return fmt.Errorf("hold rows back: %w", err)
	}
	if err := os.Remove(file.Name()); err != nil {
		_ = file.Close()
		return fmt.Errorf("hold rows back: %w", err)
	}
	s.file = file
	return nil
}

// release writes everything to where it goes.
func (s *spool) release() error {
	if s.file == nil {
		_, err := s.text.WriteTo(s.w)
		return err
	}
	if _, err := s.text.WriteTo(s.w); err != nil {
		return err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(s.w, s.file)
	return err
}

func (s *spool) discard() {
	if s.file != nil {
		_ = s.file.Close()
	}
}
