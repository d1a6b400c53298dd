package sim

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Purse is a payer's account at a bank, as a rules file gives it.
type Purse struct {
	Partner string `toml:"partner"` // a bank
	Account string `toml:"account"` // at most 32 digits
	Fen     int64  `toml:"fen"`     // what is in it before the first order of all
}

// Purses are all of a rules file.
type Purses []Purse

// ReadPurses returns what a rules file says of payers' accounts; a file that is not there says nothing.
func ReadPurses(path string) (Purses, error) {
	if path == "" {
		return nil, nil
	}
	book, err := readBook(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return book.Account, err
}

// Of returns a bank's accounts.
func (p Purses) Of(partner string) []Purse {
	var own []Purse
	for _, one := range p {
		if one.Partner == partner {
			own = append(own, one)
		}
	}
	return own
}

func (p Purses) check() error {
	for i, one := range p {
		if one.Partner == "" || one.Account == "" || len(one.Account) > 32 || strings.Trim(one.Account, "0123456789") != "" || one.Fen < 0 {
			return fmt.Errorf("account %d: a bank, at most 32 digits, and fen from 0", i+1)
		}
	}
	return nil
}
