package main

import (
	"fmt"
	"slices"
	"strings"

	exchange "onecard/connectors/exchange/sim"
)

// forms are the partners' own layouts, by partner; none has two of one kind.
func (o *options) forms() (map[string][]*exchange.Form, error) {
	all := map[string][]*exchange.Form{}
	for _, said := range o.layouts {
		name, path, found := strings.Cut(said, "=")
		if !found || !slices.Contains(o.partners, name) {
			return nil, fmt.Errorf("%w: --layout %s: it must be NAME=FILE, of one of --partners", errUse, said)
		}
		form, err := exchange.ReadForm(path)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(all[name], func(f *exchange.Form) bool { return f.Kind() == form.Kind() }) {
			return nil, fmt.Errorf("%w: --layout: %s has two layouts of %s", errUse, name, form.Kind())
		}
		all[name] = append(all[name], form)
	}
	return all, nil
}
