package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/layout"
)

// parseLayouts reads NAME=FORMAT, of which a partner may have several. Formats that are files are returned by their whole path.
func parseLayouts(said []string) (map[string][]string, error) {
	all := map[string][]string{}
	for _, s := range said {
		name, format, found := strings.Cut(s, "=")
		if !found || name == "" || format == "" {
			return nil, fmt.Errorf("%w: --layout must be NAME=FORMAT (--layout 应写作“名称=版式”): %s", errUse, s)
		}
		if strings.HasSuffix(format, ".toml") {
			path, err := filepath.Abs(format)
			if err != nil {
				return nil, fmt.Errorf("find the layout %s: %w", format, err)
			}
			format = path
		}
		all[name] = append(all[name], format)
	}
	return all, nil
}

// ownLayouts are the layouts of the partners that have their own: those that were asked for, and of others what the settings of
// the last start say.
func (h household) ownLayouts() (map[string][]string, error) {
	before, err := h.settingsBefore()
	if err != nil {
		return nil, err
	}
	all := map[string][]string{}
	for _, p := range before.Partners {
		if len(p.Layouts) > 0 {
			all[p.Name] = p.Layouts
		}
	}
	maps.Copy(all, h.options.layouts)
	return all, nil
}

// layoutFlags tell the simulated partners their own layouts, those that ship as files. A wrong one is told here already, with its line.
func (h household) layoutFlags(names []string) (flags []string, err error) {
	all, err := h.ownLayouts()
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !slices.Contains(names, name) {
			if len(h.options.layouts[name]) > 0 {
				return nil, fmt.Errorf("%w: --layout: %s is none of the simulated partners (没有这个模拟单位)", errUse, name)
			}
			continue // one that is not played this time
		}
		if _, err := layout.OpenSet(all[name]...); err != nil {
			return nil, fmt.Errorf("read the layouts of %s (读取 %s 的文件版式): %w", name, name, err)
		}
		for _, format := range all[name] {
			path, err := h.layoutFile(format)
			if err != nil {
				return nil, err
			}
			flags = append(flags, "--layout", name+"="+path)
		}
	}
	return flags, nil
}

// layoutFile is a file that holds the format.
func (h household) layoutFile(format string) (string, error) {
	l, err := layout.Open(format)
	switch {
	case err != nil:
		return "", err
	case l.IsWorkbook():
		return "", card.E(card.Invalid, "play the layout "+format, card.ReasonFormatWrong, fmt.Errorf("simulated partners speak no workbooks (模拟单位不使用工作簿): %s", format))
	case strings.HasSuffix(format, ".toml"):
		return format, nil
	}
	text, err := layout.Source(format)
	if err != nil {
		return "", err
	}
	path := h.path("partners", "layouts", format+".toml")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("hand the partners the layout %s: %w", format, err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("hand the partners the layout %s: %w", format, err)
	}
	return path, nil
}

// layoutsFor are the real partners' own layouts, by the names of those who play them in a rehearsal. Workbooks nobody plays.
func (st *stage) layoutsFor(banks []string) (map[string][]string, error) {
	all := map[string][]string{}
	for _, p := range st.real.cfg.Partners {
		name := "CIVIL"
		if p.Kind == config.Bank {
			name = identifierOf(p.Bank)
		}
		if p.Kind != config.Civil && !slices.Contains(banks, name) {
			continue
		}
		for _, format := range p.Layouts {
			l, err := layout.Open(format)
			if err != nil {
				return nil, err
			}
			if l.IsWorkbook() {
				st.say("%s: the workbook %s is rehearsed as a text of the standard layout (工作簿版式 %s 按标准文本版式演练)", p.Name, l.Format, l.Format)
				continue
			}
			all[name] = append(all[name], format)
		}
	}
	return all, nil
}
