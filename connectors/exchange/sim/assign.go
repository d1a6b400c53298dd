package sim

import (
	"errors"
	"fmt"
	"io/fs"
)

// Assignment gives a partner a profile in a rules file.
type Assignment struct {
	Name    string `toml:"name"` // a partner's, or "*" for those that are not named
	Profile string `toml:"profile"`
}

// Assignments are all of a rules file, or of a command line.
type Assignments []Assignment

// ReadAssignments returns what a rules file says of profiles; a file that is not there says nothing.
func ReadAssignments(path string) (Assignments, error) {
	if path == "" {
		return nil, nil
	}
	book, err := readBook(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return book.Partner, err
}

// For returns the partner's profile: the first one that names it, otherwise the first one for "*".
func (a Assignments) For(partner string) (Profile, error) {
	for _, name := range []string{partner, "*"} {
		for _, one := range a {
			if one.Name == name {
				return ProfileNamed(one.Profile)
			}
		}
	}
	return Profile{}, nil
}

func (a Assignments) check() error {
	for i, one := range a {
		if one.Name == "" {
			return fmt.Errorf("partner %d has no name", i+1)
		}
		if _, err := ProfileNamed(one.Profile); err != nil {
			return fmt.Errorf("partner %s: %w", one.Name, err)
		}
	}
	return nil
}
