package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/BurntSushi/toml"

	"onecard/card"
)

// AddedFolder is where, beside the settings, the partners lie that were added by a command: one file each, such as CCB.toml.
// Whoever edits the settings by hand finds them as they were.
const AddedFolder = "partners.d"

// AddedFile is where the settings at path have the partner that is added under a name.
func AddedFile(path, name string) string {
	return filepath.Join(filepath.Dir(path), AddedFolder, name+".toml")
}

// withAdded adds the partners of the folder beside the settings at path.
func (c Config) withAdded(path string) (Config, error) {
	files, err := filepath.Glob(filepath.Join(filepath.Dir(path), AddedFolder, "*.toml"))
	if err != nil {
		return Config{}, card.E(card.Internal, "look for added partners", "", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // the operator names the folder
		if err != nil {
			return Config{}, card.E(card.Internal, "read partner "+file, "", err)
		}
		if c, err = c.With(file, string(text)); err != nil {
			return Config{}, err
		}
	}
	return c, nil
}

// With returns c with the partner that text, which stands or is to stand in file, declares as its one [[partner]]. Relative
// paths are taken from the file's folder. The error, Invalid, names everything that is wrong, also beside the other partners.
func (c Config) With(file, text string) (Config, error) {
	op := "read partner " + file
	p, faults := parseAdded(text)
	if len(faults) > 0 {
		return Config{}, card.E(card.Invalid, op, card.ReasonSettingsWrong, join(faults, lines(text)))
	}
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return Config{}, card.E(card.Internal, op, "", err)
	}
	anchor(dir, p.files())
	if p.Added = filepath.Join(dir, filepath.Base(file)); filepath.Base(file) != p.Name+".toml" {
		return Config{}, card.E(card.Invalid, op, card.ReasonSettingsWrong, fmt.Errorf("partner %s must stand in %s.toml", p.Name, p.Name))
	}
	c.Partners = append(c.Partners[:len(c.Partners):len(c.Partners)], p)
	if faults := c.wrong(); len(faults) > 0 {
		return Config{}, card.E(card.Invalid, op, card.ReasonSettingsWrong, join(faults, nil))
	}
	return c, nil
}

func parseAdded(text string) (Partner, []fault) {
	var tree map[string]any
	if _, err := toml.Decode(text, &tree); err != nil {
		return Partner{}, []fault{syntax(err)}
	}
	var one struct {
		Partners []Partner `toml:"partner"`
	}
	if faults := checkTypes(tree, one); len(faults) > 0 {
		return Partner{}, faults
	}
	if _, err := toml.Decode(text, &one); err != nil {
		return Partner{}, []fault{syntax(err)}
	}
	said, _ := tree["partner"].([]map[string]any)
	if len(one.Partners) != 1 || len(said) != 1 {
		return Partner{}, []fault{syntax(errors.New("there must be exactly one [[partner]]"))}
	}
	p := one.Partners[0]
	p.fill(said[0])
	r := rules{table: partnerTable(0)}
	p.check(&r)
	return p, append(r.faults, p.wrongTimetable(r.table)...)
}
