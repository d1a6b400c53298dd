package sim

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"regexp"
	"sync/atomic"
	"time"
)

// Fate is what the department knows of a person.
type Fate string

// The fates.
const (
	Alive        Fate = "alive"
	Deceased     Fate = "deceased"
	Renamed      Fate = "renamed"
	Unregistered Fate = "unregistered"
)

var results = map[Fate]string{Alive: equal, Deceased: deceased, Renamed: nameDiffers, Unregistered: noSuchPerson}

// Entry is one line of the department's register: number, fate, date of death (YYYYMMDD, or empty for a day that it invents). The last
// line of a number counts.
type Entry struct {
	Number, Died string
	Fate         Fate
}

// check says what is wrong with an entry, without its number.
func (e Entry) check() error {
	if results[e.Fate] == "" {
		return fmt.Errorf("register: the fate %q is none of alive, deceased, renamed, unregistered", e.Fate)
	}
	if !documentNumber.MatchString(e.Number) {
		return errors.New("register: the number is none of an identity document: 5 to 20 digits and capital letters")
	}
	if e.Died == "" {
		return nil
	}
	if _, err := time.Parse("20060102", e.Died); err != nil || e.Fate != Deceased {
		return errors.New("register: a day of death is written YYYYMMDD, and is for the deceased")
	}
	return nil
}

var documentNumber = regexp.MustCompile("^[0-9A-Z]{5,20}$")

// Enter writes a line into the register at path.
func Enter(path string, e Entry) error {
	if err := e.check(); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // the operator names the folder
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	w := csv.NewWriter(f)
	err = w.Write([]string{e.Number, string(e.Fate), e.Died})
	w.Flush()
	if err := errors.Join(err, w.Error(), f.Close()); err != nil {
		return fmt.Errorf("register: %w", err)
	}
	return nil
}

// register is the file as it was read last.
type register struct {
	path  string
	known atomic.Pointer[map[string]listed]
}

// listed is what an entry makes of an answer.
type listed struct{ result, died string }

// read reads the file anew. A line that makes no sense is passed over, as nobody could say whose it is.
func (r *register) read() {
	known := map[string]listed{}
	for _, line := range r.lines() {
		if result := results[Fate(line[1])]; result != "" {
			known[line[0]] = listed{result, line[2]}
		}
	}
	r.known.Store(&known)
}

func (r *register) lines() [][]string {
	f, err := os.Open(r.path)
	if err != nil {
		return nil
	}
	defer f.Close() //nolint:errcheck // it was only read
	c := csv.NewReader(f)
	c.FieldsPerRecord = 3
	var lines [][]string
	for {
		line, err := c.Read()
		switch {
		case err == nil:
			lines = append(lines, line)
		case !errors.Is(err, csv.ErrFieldCount):
			return lines
		}
	}
}

func (r *register) find(number []byte) (listed, bool) {
	known := r.known.Load()
	if known == nil {
		return listed{}, false
	}
	l, there := (*known)[string(number)]
	return l, there
}
