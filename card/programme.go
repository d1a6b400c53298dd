package card

import (
	"fmt"
	"slices"
	"strings"
)

// Role is what a person may do about the money of a subsidy rollout. Nobody acts in two roles in one rollout.
type Role string

// The roles. The maker makes and submits; the others approve.
const (
	RoleMaker    Role = "maker"
	RoleChecker  Role = "checker"
	RoleReleaser Role = "releaser"
	RoleFinance  Role = "finance"
)

// Roles returns the roles that approve, in the order in which they are added as the money grows.
func Roles() []Role { return []Role{RoleChecker, RoleReleaser, RoleFinance} }

// Tier says who must approve payments up to a number of people and an amount.
type Tier struct {
	Rows  int    `json:"rows"` // 0: any number
	Fen   int64  `json:"fen"`  // 0: any amount
	Roles []Role `json:"roles"`
}

// Period rules: how often a person may get a subsidy, and how the period is written.
const (
	Monthly    = "month"     // 2026-01
	Quarterly  = "quarter"   // 2026Q1
	HalfYearly = "half-year" // 2026H1
	Yearly     = "year"      // 2026
	Once       = "once"      // once
)

// Programme is one subsidy: who pays whom for what, how often, how much, and who must approve.
type Programme struct {
	ID         string `json:"id"`         // such as CA03
	Name       string `json:"name"`       // Chinese
	English    string `json:"english"`    //
	Department string `json:"department"` // human-resources, civil-affairs or agriculture
	Payer      string `json:"payer"`
	Purpose    string `json:"purpose"` // as the bank's statement shows it
	Period     string `json:"period"`
	Fixed      int64  `json:"fixed"`  // fen a person; 0: the roster says
	Limit      int64  `json:"limit"`  // at most so many fen a person
	Notice     int    `json:"notice"` // days of public notice
	Group      string `json:"group"`  // programmes of one group exclude each other in a period; empty: none
	Tiers      []Tier `json:"tiers"`  // by growing limits; the last has none
}

// Approvers returns the roles that must approve a rollout of so many people and so much money, beside its maker.
func (p Programme) Approvers(rows int, fen int64) []Role {
	for _, t := range p.Tiers {
		if (t.Rows == 0 || rows <= t.Rows) && (t.Fen == 0 || fen <= t.Fen) {
			return t.Roles
		}
	}
	return Roles()
}

// CheckAmount returns why the programme does not pay fen to a person, or "".
func (p Programme) CheckAmount(fen int64) Reason {
	switch {
	case fen <= 0:
		return ReasonAmountShape
	case p.Fixed != 0 && fen != p.Fixed:
		return ReasonAmountNotFixed
	case p.Limit != 0 && fen > p.Limit:
		return ReasonAmountOverLimit
	}
	return ""
}

// CheckPeriod makes sure that period is written as the programme's rule wants it; its error is Invalid and shows an example.
func (p Programme) CheckPeriod(period string) error {
	example, fits := periodShapes[p.Period].example, periodShapes[p.Period].fits
	if fits != nil && fits(period) {
		return nil
	}
	return E(Invalid, fmt.Sprintf("period %q of programme %s, which is written as %s", period, p.ID, example), ReasonPeriodShape, nil)
}

type periodShape struct {
	example string
	fits    func(string) bool
}

var periodShapes = map[string]periodShape{
	Monthly: {"2026-01", func(s string) bool {
		return len(s) == 7 && validDate(strings.Replace(s, "-", "", 1)+"01") && s[4] == '-'
	}},
	Quarterly: {"2026Q1", func(s string) bool {
		return len(s) == 6 && year(s[:4]) && s[4] == 'Q' && strings.IndexByte("1234", s[5]) >= 0
	}},
	HalfYearly: {"2026H1", func(s string) bool {
		return len(s) == 6 && year(s[:4]) && s[4] == 'H' && strings.IndexByte("12", s[5]) >= 0
	}},
	Yearly: {"2026", year},
	Once:   {"once", func(s string) bool { return s == "once" }},
}

func year(s string) bool { return only(s, 4, 4, isDigit) && s >= "2000" && s < "2100" }

// Check returns what is wrong with the programme itself, for people who keep programmes as data.
func (p Programme) Check() error {
	wrong := ""
	switch {
	case !only(p.ID, 2, 16, isUpperOrDigit):
		wrong = "its ID is not 2 to 16 capitals and digits"
	case p.Name == "" || p.Payer == "" || p.Purpose == "":
		wrong = "it needs a name, a payer and a purpose"
	case !slices.Contains([]string{"human-resources", "civil-affairs", "agriculture"}, p.Department):
		wrong = "its department is none of human-resources, civil-affairs and agriculture"
	case periodShapes[p.Period].fits == nil:
		wrong = "its period is none of month, quarter, half-year, year and once"
	case p.Fixed < 0 || p.Limit < 0 || p.Notice < 0:
		wrong = "an amount or its days of notice are negative"
	case len(p.Tiers) == 0 || p.Tiers[len(p.Tiers)-1].Rows != 0 || p.Tiers[len(p.Tiers)-1].Fen != 0:
		wrong = "its last tier must have no limit"
	case slices.ContainsFunc(p.Tiers, func(t Tier) bool { return !slices.Contains(t.Roles, RoleChecker) || !approving(t.Roles) }):
		wrong = "each tier names a checker, and beside it only a releaser and finance"
	}
	if wrong == "" {
		return nil
	}
	return E(Invalid, fmt.Sprintf("programme %s: %s", p.ID, wrong), ReasonProgrammeShape, nil)
}

func approving(roles []Role) bool {
	for i, r := range roles {
		if !slices.Contains(Roles(), r) || slices.Contains(roles[:i], r) {
			return false
		}
	}
	return true
}
