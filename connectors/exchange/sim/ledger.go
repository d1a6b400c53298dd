package sim

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Ledger is a partner's own book: an append-only CSV file with one line for everything that the partner did. It can be
// read by anybody at any time; a last line without line feed is being written.
type Ledger struct {
	path string
	file *os.File
	line []byte
}

func openLedger(path string) (*Ledger, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600) //nolint:gosec // a partner's own folder
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	l := &Ledger{path: path, file: file}
	size, err := l.size()
	if err == nil && size == 0 {
		_, err = file.WriteString(ledgerHeader)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("ledger: %w", err), file.Close())
	}
	return l, nil
}

func (l *Ledger) size() (int64, error) {
	info, err := l.file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// add appends lines, in one write.
func (l *Ledger) add(entries ...Entry) error {
	l.line = l.line[:0]
	for i := range entries {
		l.line = entries[i].appendTo(l.line)
	}
	if _, err := l.file.Write(l.line); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// adopt appends the file of effects at path, of which a run that was killed may have appended the beginning already: start
// is where it began in the ledger. Doing it again appends only what is missing.
func (l *Ledger) adopt(path string, start int64) error {
	effects, err := os.Open(path) //nolint:gosec // a partner's own folder
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	defer func() { _ = effects.Close() }()
	size, err := l.size()
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if _, err := effects.Seek(size-start, io.SeekStart); err != nil {
		return fmt.Errorf("ledger: shorter than when it was last used: %w", err)
	}
	if _, err := io.Copy(l.file, effects); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// Scan gives each complete line of the ledger to each, from the first on.
func (l *Ledger) Scan(each func(*Entry) error) error { return ScanLedger(l.path, each) }

func (l *Ledger) close() error { return l.file.Close() }

// ScanLedger reads the ledger at path while it may be written. A ledger that does not exist yet has no lines.
func ScanLedger(path string, each func(*Entry) error) error {
	file, err := os.Open(path) //nolint:gosec // the caller names a ledger
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	defer func() { _ = file.Close() }()
	in := bufio.NewReaderSize(file, 256<<10)
	head, err := in.ReadString('\n')
	if err != nil || head != ledgerHeader {
		return fmt.Errorf("ledger %s: not a ledger", path)
	}
	return scan(in, each)
}

// scan reads ledger lines up to the end, or to a line that has no line feed yet.
func scan(in *bufio.Reader, each func(*Entry) error) error {
	var e Entry
	for n := 2; ; n++ {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("ledger line %d: %w", n, err)
		}
		if err := e.parse(line[:len(line)-1]); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if err := each(&e); err != nil {
			return err
		}
	}
}
