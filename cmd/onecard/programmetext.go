package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/BurntSushi/toml"

	"onecard/card"
)

// programmeText is a programme as people write it: money is in yuan.
type programmeText struct {
	ID         string `toml:"id"`
	Name       string `toml:"name"`
	English    string `toml:"english"`
	Department string `toml:"department"`
	Payer      string `toml:"payer"`
	Purpose    string `toml:"purpose"`
	Period     string `toml:"period"`
	Fixed      string `toml:"fixed,omitempty"`
	Limit      string `toml:"limit,omitempty"`
	Notice     int    `toml:"notice"`
	Group      string `toml:"group,omitempty"`
	Approval   string `toml:"approval"`
}

type programmesText struct {
	Programmes []programmeText `toml:"programme"`
}

const programmesHead = `# Subsidy programmes (补贴项目). department: human-resources, civil-affairs, agriculture. period: month, quarter, half-year, year, once.
# fixed or limit: yuan a person. notice: days of public notice. Programmes of one group exclude each other in a period.
# approval: tiers by growing limits, people/yuan = roles; "all" has no limit; the maker stands beside them.

`

func writeProgrammes(w io.Writer, all []card.Programme) error {
	var text programmesText
	for _, p := range all {
		text.Programmes = append(text.Programmes, programmeText{ID: p.ID, Name: p.Name, English: p.English, Department: p.Department, Payer: p.Payer,
			Purpose: p.Purpose, Period: p.Period, Fixed: yuanOrNone(p.Fixed), Limit: yuanOrNone(p.Limit), Notice: p.Notice, Group: p.Group,
			Approval: card.FormatTiers(p.Tiers)})
	}
	if _, err := io.WriteString(w, programmesHead); err != nil {
		return err
	}
	return toml.NewEncoder(w).Encode(text)
}

func yuanOrNone(fen int64) string {
	if fen == 0 {
		return ""
	}
	return card.FormatYuan(fen)
}

// readProgrammes reads and checks the programmes of a file. Its errors name every programme that is wrong.
func readProgrammes(path string) ([]card.Programme, error) {
	var text programmesText
	read, err := toml.DecodeFile(path, &text)
	if err != nil {
		return nil, fmt.Errorf("%w: read the programmes: %w", errUse, err)
	}
	if unknown := read.Undecoded(); len(unknown) > 0 {
		return nil, fmt.Errorf("%w: read the programmes: there is no key %s", errUse, unknown[0])
	}
	if len(text.Programmes) == 0 {
		return nil, fmt.Errorf("%w: %s holds no [[programme]]", errUse, path)
	}
	all := make([]card.Programme, 0, len(text.Programmes))
	var wrong []error
	for _, t := range text.Programmes {
		p, err := t.programme()
		if err == nil {
			err = p.Check()
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("programme %s: %w", t.ID, err))
		}
		all = append(all, p)
	}
	return all, errors.Join(wrong...)
}

func (t programmeText) programme() (card.Programme, error) {
	p := card.Programme{ID: t.ID, Name: t.Name, English: t.English, Department: t.Department, Payer: t.Payer, Purpose: t.Purpose,
		Period: t.Period, Notice: t.Notice, Group: t.Group}
	for _, amount := range []struct {
		text string
		fen  *int64
	}{{t.Fixed, &p.Fixed}, {t.Limit, &p.Limit}} {
		if amount.text == "" {
			continue
		}
		var err error
		if *amount.fen, err = card.ParseYuan(amount.text); err != nil {
			return p, err
		}
	}
	var err error
	p.Tiers, err = card.ParseTiers(t.Approval)
	return p, err
}
