package card

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
)

//go:embed programmes.csv
var subsidies string

// Subsidies returns the programmes that a hub begins with, by department: 13 of human resources, 10 of civil affairs and 6 of
// agriculture.
func Subsidies() ([]Programme, error) { return parseProgrammes(subsidies) }

// programmeColumns are the columns of programmes.csv.
const programmeColumns = 12

// parseProgrammes reads programmes in the format of programmes.csv.
func parseProgrammes(text string) ([]Programme, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comment, r.FieldsPerRecord = '#', programmeColumns
	lines, err := r.ReadAll()
	if err != nil {
		return nil, E(Invalid, "read the programmes", ReasonProgrammeShape, err)
	}
	if len(lines) == 0 {
		return nil, nil
	}
	all := make([]Programme, 0, len(lines)-1)
	for _, fields := range lines[1:] {
		p, err := parseProgramme(fields)
		if err == nil {
			err = p.Check()
		}
		if err != nil {
			return nil, fmt.Errorf("read programme %s: %w", fields[0], err)
		}
		all = append(all, p)
	}
	return all, nil
}

func parseProgramme(f []string) (Programme, error) {
	p := Programme{ID: f[0], Department: f[1], Name: f[2], English: f[3], Payer: f[4], Purpose: f[5], Period: f[6], Group: f[10]}
	var err error
	if p.Fixed, err = optionalYuan(f[7]); err != nil {
		return p, err
	}
	if p.Limit, err = optionalYuan(f[8]); err != nil {
		return p, err
	}
	if p.Notice, err = strconv.Atoi(f[9]); err != nil {
		return p, E(Invalid, "read the days of notice", ReasonProgrammeShape, nil)
	}
	p.Tiers, err = ParseTiers(f[11])
	return p, err
}

func optionalYuan(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	return ParseYuan(s)
}

// everybody is the limit of a tier that has none.
const everybody = "all"

// ParseTiers reads an approval matrix as people write it: tiers by growing limits, such as
// "2000/3000000=checker; all=checker+releaser". The money is in yuan; of people and money one may be 0, without limit.
func ParseTiers(s string) ([]Tier, error) {
	var tiers []Tier
	for part := range strings.SplitSeq(s, ";") {
		limit, roles, _ := strings.Cut(strings.TrimSpace(part), "=")
		t := Tier{}
		if limit != everybody {
			rows, yuan, _ := strings.Cut(limit, "/")
			var errRows, errYuan error
			t.Rows, errRows = strconv.Atoi(rows)
			t.Fen, errYuan = ParseYuan(yuan)
			if errRows != nil || errYuan != nil || t.Rows < 0 || t.Rows == 0 && t.Fen == 0 {
				return nil, E(Invalid, fmt.Sprintf("read the approval tier %q, which is written as 2000/3000000=checker+releaser", part), ReasonProgrammeShape, nil)
			}
		}
		for role := range strings.SplitSeq(roles, "+") {
			t.Roles = append(t.Roles, Role(strings.TrimSpace(role)))
		}
		tiers = append(tiers, t)
	}
	return tiers, nil
}

// FormatTiers writes an approval matrix as ParseTiers reads it.
func FormatTiers(tiers []Tier) string {
	parts := make([]string, len(tiers))
	for i, t := range tiers {
		limit := everybody
		if t.Rows != 0 || t.Fen != 0 {
			limit = fmt.Sprintf("%d/%s", t.Rows, strings.TrimSuffix(FormatYuan(t.Fen), ".00"))
		}
		roles := make([]string, len(t.Roles))
		for j, r := range t.Roles {
			roles[j] = string(r)
		}
		parts[i] = limit + "=" + strings.Join(roles, "+")
	}
	return strings.Join(parts, "; ")
}

// PeriodExample returns how a period of the programme is written, such as 2026-01.
func (p Programme) PeriodExample() string { return periodShapes[p.Period].example }
