package sim

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/BurntSushi/toml"
)

// What a script may be: more would be a mistake, and takes as long as it is long.
const (
	scriptBytes = 64 << 10
	scriptRules = 200
)

// Script is a rules file that was read whole, to be looked at before partners live by it.
type Script struct{ book }

// ReadScript reads a rules file of at most 64 KiB and 200 rules. The error says which rule is wrong, and why.
func ReadScript(path string) (Script, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Script{}, fmt.Errorf("rules: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > scriptBytes {
		return Script{}, fmt.Errorf("rules %s: not a file of at most %d bytes", path, scriptBytes)
	}
	b, err := readBook(path)
	if err == nil && len(b.Rule) > scriptRules {
		err = fmt.Errorf("rules %s: %d rules, at most %d are read", path, len(b.Rule), scriptRules)
	}
	return Script{b}, err
}

// Rules is how many rules there are.
func (s Script) Rules() int { return len(s.Rule) }

// Names are the partners that the script names, "*" left out, as often as it does.
func (s Script) Names() []string {
	var names []string
	for _, r := range s.Rule {
		names = append(names, r.Partner)
	}
	for _, p := range s.Partner {
		names = append(names, p.Name)
	}
	for _, a := range s.Account {
		names = append(names, a.Partner)
	}
	kept := names[:0]
	for _, n := range names {
		if n != "*" {
			kept = append(kept, n)
		}
	}
	return kept
}

// Fit makes sure that the partner of that name and business can obey every rule that names it.
func (s Script) Fit(name string, o Office) error {
	p := bare(PartnerConfig{Name: name, Office: o})
	defer p.shutdown()
	var errs []error
	for i := range s.Rule {
		if err := p.fits(&s.Rule[i]); err != nil {
			errs = append(errs, fmt.Errorf("rule %d: %w", i+1, err))
		}
	}
	return errors.Join(errs...)
}

// Faster returns the script with every wait so many times as short, but a millisecond at least. It is not for factors below 1.
func (s Script) Faster(factor float64) Script {
	rules := make([]Rule, len(s.Rule))
	for i, r := range s.Rule {
		if r.After > 0 {
			r.After = max(time.Millisecond, time.Duration(float64(r.After)/factor))
		}
		rules[i] = r
	}
	s.Rule = rules
	return s
}

// Longest is the longest that one of the rules keeps an answer back.
func (s Script) Longest() (longest time.Duration) {
	for _, r := range s.Rule {
		longest = max(longest, r.After*time.Duration(max(r.Times, 1)))
	}
	return longest
}

// Write writes the script as a rules file.
func (s Script) Write(w io.Writer) error {
	if err := toml.NewEncoder(w).Encode(s.book); err != nil {
		return fmt.Errorf("write the rules: %w", err)
	}
	return nil
}
