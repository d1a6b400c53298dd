package roster

import "strings"

// form is a kind of table that offices fill in. Its columns are counted in the order of its template, at most as many as raw
// holds.
type form struct {
	sheetName string         // the sheet that is read; without one of that name it is the first visible one
	headings  []string       // in the order of the template
	least     int            // so many known headings make a row the row of headings
	needed    [][]int        // of the columns of each group exactly one must be there; other columns may be missing
	numbers   []int          // columns whose digits a spreadsheet may lose
	index     map[string]int // of headings and their aliases
}

// people is the roster of people who are to get their cards.
var people = newForm(form{
	sheetName: SheetName, headings: headings[:], least: 3, needed: everyColumn(columns), numbers: []int{colSSN, colPhone, colOutlet, colEmployerNo},
}, aliases)

func newForm(f form, aliases map[string]int) *form {
	f.index = make(map[string]int, len(f.headings)+len(aliases))
	for name, col := range aliases {
		f.index[name] = col
	}
	for col, name := range f.headings {
		f.index[name] = col
	}
	return &f
}

// everyColumn makes a group of each column, none of which may be missing.
func everyColumn(n int) [][]int {
	groups := make([][]int, n)
	for col := range groups {
		groups[col] = []int{col}
	}
	return groups
}

// judge tells which columns are missing, and which must not stand beside each other.
func (f *form) judge(found [columns]bool) (missing, beside []string) {
	for _, group := range f.needed {
		var there []string
		for _, col := range group {
			if found[col] {
				there = append(there, f.headings[col])
			}
		}
		switch {
		case len(there) == 0:
			missing = append(missing, f.names(group))
		case len(there) > 1:
			beside = append(beside, there...)
		}
	}
	return missing, beside
}

func (f *form) names(group []int) string {
	names := make([]string, len(group))
	for i, col := range group {
		names[i] = f.headings[col]
	}
	return strings.Join(names, "/")
}

// expected names the columns that must be there.
func (f *form) expected() string {
	names := make([]string, len(f.needed))
	for i, group := range f.needed {
		names[i] = f.names(group)
	}
	return strings.Join(names, "、")
}
