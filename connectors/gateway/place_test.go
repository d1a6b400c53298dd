package gateway

import (
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
)

func TestPlaces(t *testing.T) {
	t.Parallel()
	f := fileOf("ICBC", 17)
	for text, want := range map[string]place{
		"":                                      {folder: top},
		"/":                                     {folder: top},
		"/../..":                                {folder: top},
		"inbox":                                 {folder: inbox},
		"/inbox/../outbox/done/":                {folder: outboxDone},
		"outbox/" + f.Name():                    {folder: outbox, file: f},
		"/outbox/" + f.Name() + ".tmp":          {folder: outbox, file: f, draft: true},
		"outbox/" + f.Name() + ".ok.tmp":        {folder: outbox, file: f, manifest: true, draft: true},
		"//inbox//./" + f.Name() + ".ok":        {folder: inbox, file: f, manifest: true},
		"inbox/done/" + f.Name() + ".2":         {folder: inboxDone, file: f, copy: 2},
		"test":                                  {folder: top, trial: true},
		"/test/inbox/":                          {folder: inbox, trial: true},
		"test/outbox/" + f.Name() + ".ok.tmp":   {folder: outbox, file: f, manifest: true, draft: true, trial: true},
		"outbox/" + f.Name() + ".err.tmp":       {folder: outbox, file: f, notice: true, draft: true},
		"outbox/done/" + f.Name() + ".err":      {folder: outboxDone, file: f, notice: true},
		"outbox/refused/" + f.Name() + ".ok.10": {folder: outboxRefused, file: f, manifest: true, copy: 10},
	} {
		got, ok := parsePlace(text, "ICBC")
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
}

// FuzzParsePlace holds that whatever is accepted is one of few names in one of the folders, and reads back the same.
func FuzzParsePlace(f *testing.F) {
	name := card.File{Partner: "ICBC", Kind: card.AcctRet, Date: "20261121", Seq: 17}.Name()
	for _, seed := range []string{
		"/", "/inbox", "outbox/" + name, "outbox/" + name + ".ok.tmp", "inbox/done/" + name + ".2", "../" + name, "inbox/../../etc/passwd",
		"outbox/done/" + name + ".ok.9999", "outbox//" + name + "\x00.ok", "inbox/" + name + ".tmp", strings.Repeat("../", 100), `outbox\` + name,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, ok := parsePlace(text, "ICBC")
		if !ok {
			return
		}
		at := p.path()
		require.LessOrEqual(t, len(at), maxPath)
		require.Equal(t, at, path.Clean(at))
		require.Contains(t, folders, p.folder)
		require.Regexp(t, `^(\.|test|(test/)?(inbox|outbox)(/(done|refused))?(/ICBC_[A-Z]{3,12}_[0-9]{8}_[0-9]{6}\.txt(\.ok|\.err)?(\.tmp|\.[0-9]+)?)?)$`, at)
		again, ok := parsePlace(at, "ICBC")
		require.True(t, ok)
		require.Equal(t, p, again)
		_, others := parsePlace(text, "ABC")
		require.Equal(t, p.isFolder(), others, "a file is one partner's only")
	})
}

func TestPlacesReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := anyPlace("ICBC").Draw(t, "place")
		got, ok := parsePlace("/"+p.path(), "ICBC")
		require.True(t, ok)
		require.Equal(t, p, got)
	})
}

// anyPlace draws from few files, so that operations meet.
func anyPlace(partner string) *rapid.Generator[place] {
	return rapid.Custom(func(t *rapid.T) place {
		p := place{folder: rapid.SampledFrom(append([]folder{outbox, outbox, outbox, outbox, outbox}, folders...)).Draw(t, "folder")}
		if p.folder == top || rapid.IntRange(0, 9).Draw(t, "kind") == 0 {
			return p
		}
		p.file = fileOf(partner, rapid.IntRange(1, 2).Draw(t, "sequence"))
		p.manifest = rapid.Bool().Draw(t, "manifest")
		switch p.folder {
		case outbox:
			p.draft = rapid.Bool().Draw(t, "draft")
		case inboxDone, outboxDone, outboxRefused:
			p.copy = rapid.SampledFrom([]int{0, 0, 2, 3}).Draw(t, "copy")
		case top, inbox:
		}
		return p
	})
}
