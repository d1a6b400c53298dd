package gateway

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"onecard/card"
)

// folder is one of an account's folders, relative to its root.
type folder string

// The folders, from the partner's side; the package says who writes and who reads where.
const (
	top           folder = "."
	inbox         folder = "inbox"
	inboxDone     folder = "inbox/done"
	outbox        folder = "outbox"
	outboxDone    folder = "outbox/done"
	outboxRefused folder = "outbox/refused"
)

var folders = []folder{top, inbox, inboxDone, outbox, outboxDone, outboxRefused}

// place is what a path of a partner may stand for: a folder, or a file of its own in the place where it may be.
type place struct {
	folder   folder
	file     card.File // the zero File for the folder itself
	manifest bool      // <name>.ok
	notice   bool      // <name>.err, by which the partner refuses a file, in the outbox and its done/
	trial    bool      // in test/, where the same folders are for tests
	draft    bool      // <name>.tmp, in the outbox only
	copy     int       // <name>.2 and on, in the folders of what is over, when the name was taken; else 0
}

// trialFolder holds the folders for tests.
const trialFolder = "test"

// maxPath is longer than any path that stands for a place.
const maxPath = 128

// maxCopy is the last number that a name can be put aside under.
const maxCopy = 9999

// parsePlace reads a partner's path. It accepts what place.path writes, and nothing else but the spellings that
// path.Clean makes the same; nothing that it accepts leads out of the account.
func parsePlace(text, partner string) (place, bool) {
	if len(text) > maxPath {
		return place{}, false
	}
	relative := strings.TrimPrefix(path.Clean("/"+text), "/")
	var p place
	if relative, p.trial = cutTrial(relative); relative == "" {
		p.folder = top
		return p, true
	}
	if p.folder = folder(relative); p.folder != top && slices.Contains(folders, p.folder) {
		return p, true
	}
	dir, name := path.Split(relative)
	p.folder = folder(strings.TrimSuffix(dir, "/"))
	if p.folder == top || !slices.Contains(folders, p.folder) {
		return place{}, false
	}
	return p, p.parseName(name) && p.file.Partner == partner
}

// cutTrial tells whether a path is in the folder of tests, and where there.
func cutTrial(relative string) (string, bool) {
	if relative == trialFolder {
		return "", true
	}
	return strings.CutPrefix(relative, trialFolder+"/")
}

func (p *place) parseName(name string) bool {
	switch p.folder {
	case top, inbox:
	case outbox:
		name, p.draft = strings.CutSuffix(name, ".tmp")
	case inboxDone, outboxDone, outboxRefused:
		name, p.copy = cutCopy(name)
	}
	name, p.manifest = strings.CutSuffix(name, ".ok")
	if p.folder == outbox || p.folder == outboxDone {
		name, p.notice = strings.CutSuffix(name, ".err")
		if p.notice && p.manifest {
			return false
		}
	}
	file, err := card.ParseFileName(name)
	p.file = file
	return err == nil
}

// cutCopy cuts the number off the name of a file that was put aside under a number.
func cutCopy(name string) (string, int) {
	dot := strings.LastIndexByte(name, '.')
	n, err := strconv.Atoi(name[dot+1:])
	if err != nil || n < 2 || n > maxCopy || strconv.Itoa(n) != name[dot+1:] {
		return name, 0
	}
	return name[:max(0, dot)], n
}

func (p place) isFolder() bool { return p.file == card.File{} }

// path returns where p is, relative to the account's root.
func (p place) path() string {
	dir := string(p.folder)
	if p.trial {
		dir = path.Join(trialFolder, dir)
	}
	if p.isFolder() {
		return dir
	}
	name := p.file.Name()
	if p.manifest {
		name += ".ok"
	}
	if p.notice {
		name += ".err"
	}
	if p.draft {
		name += ".tmp"
	}
	if p.copy > 0 {
		name += "." + strconv.Itoa(p.copy)
	}
	return path.Join(dir, name)
}

// in returns the same file, or manifest, under its own name in another folder.
func (p place) in(f folder) place {
	return place{folder: f, file: p.file, manifest: p.manifest, trial: p.trial}
}

// data and declaration are the two halves of the same file, where p is, under their own names.
func (p place) data() place { return place{folder: p.folder, file: p.file, trial: p.trial} }
func (p place) declaration() place {
	return place{folder: p.folder, file: p.file, manifest: true, trial: p.trial}
}
