package sim

import "fmt"

// rulesFor returns the rules that are for this request, in their order, without those that are used up.
func (p *Partner) rulesFor(n FileName) []Rule {
	var out []Rule
	for _, r := range p.rules {
		usedUp := r.Times > 0 && r.Do != Truncate && p.used[r.key()] >= r.Times
		if r.Do != Cut && r.matches(p.ruled(), n.Kind) && !usedUp {
			out = append(out, r)
		}
	}
	return out
}

// rule is the first rule of this kind that is for this request, or nil.
func (j *job) rule(do Do) *Rule {
	for i := range j.rules {
		if r := &j.rules[i]; r.Do == do && r.picksFile(j.name) {
			return r
		}
	}
	return nil
}

// picksFile reports whether a file rule's share takes in this file.
func (r *Rule) picksFile(n FileName) bool {
	s := newSieve(*r)
	return s.picks([]byte(n.String()), nil)
}

// counts reports whether this file is one of the Times files of the rule.
func (r *Rule) counts(n FileName) bool {
	switch r.Do {
	case Accept, RefuseRow, Omit, Lose, Duplicate, Misstate, Stray, PayBack:
		return r.Times > 0
	case Reorder, Postpone, Resend:
		return r.Times > 0 && r.picksFile(n)
	case Truncate, Silent, Cut:
		return false
	default:
		return false
	}
}

// silenced reports whether a rule forbids answers to this request now.
func (p *Partner) silenced(n FileName) bool {
	for _, r := range p.rules {
		if r.Do == Silent && r.matches(p.ruled(), n.Kind) && r.picksFile(n) {
			return true
		}
	}
	return false
}

// adopt takes over a changed set of rules, or says why these rules make no sense for this partner.
func (p *Partner) adopt(rules []Rule) error {
	for _, r := range rules {
		if err := p.fits(&r); err != nil {
			return err
		}
	}
	p.rules = rules
	p.armCuts()
	return nil
}

// fits reports whether a rule can be obeyed: one that names this partner must name a kind that it deals with and a code
// that this kind has.
func (p *Partner) fits(r *Rule) error {
	if r.Partner != p.ruled() || r.Do == Cut && r.Kind == KindReceipt {
		return nil
	}
	for _, d := range p.desks {
		if r.Kind != "*" && r.Kind != d.Kind && (r.Do != Cut || r.Kind != d.Answer && r.Kind != d.Aside) {
			continue
		}
		if d.obeys(r) {
			return nil
		}
	}
	return fmt.Errorf("rule %q: %s has no such kind or code", r.key(), p.cfg.Name)
}

// armCuts arms the drops of new rules and disarms those of rules that are gone; one that stays keeps its count.
func (p *Partner) armCuts() {
	wanted := map[string]bool{}
	for _, r := range p.rules {
		if r.Do != Cut || p.within != "" || (r.Partner != "*" && r.Partner != p.cfg.Name) {
			continue
		}
		wanted[r.key()] = true
		if p.cuts[r.key()] == nil {
			p.cuts[r.key()] = p.arm(r)
		}
	}
	for key, disarm := range p.cuts {
		if !wanted[key] {
			disarm()
			delete(p.cuts, key)
		}
	}
}

// arm makes the server cut uploads of requests and downloads of answers of the rule's kind; uploads of receipts only when the
// rule names them.
func (p *Partner) arm(r Rule) func() {
	var disarms []func()
	times := max(r.Times, 1)
	cutUpload := func(kind string) {
		// A rule without bytes cuts in the first packet, because nobody knows how long an upload will be.
		disarms = append(disarms, p.server.Inject(Fault{
			Op: OpWrite, Name: p.cfg.Name + "_" + kind + "_*", Do: Drop, Bytes: max(r.Bytes, 1), Times: times,
		}))
	}
	if r.Kind == KindReceipt {
		cutUpload(KindReceipt)
	}
	for _, d := range p.desks {
		if r.Kind == "*" || r.Kind == d.Kind {
			cutUpload(d.Kind)
		}
		for _, kind := range []string{d.Answer, d.Aside} {
			if kind != "" && (r.Kind == "*" || r.Kind == kind) {
				disarms = append(disarms, p.server.Inject(Fault{
					Op: OpRead, Name: p.cfg.Name + "_" + kind + "_*.txt", Do: Drop, Bytes: r.Bytes, Half: r.Bytes == 0, Times: times,
				}))
			}
		}
	}
	return func() {
		for _, disarm := range disarms {
			disarm()
		}
	}
}
