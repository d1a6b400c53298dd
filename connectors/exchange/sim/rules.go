package sim

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/BurntSushi/toml"
)

// Do is what a rule makes a partner do.
type Do string

// What rules can do. Row rules pick rows, file rules pick whole files, Cut works on the wire.
const (
	Accept    Do = "accept"    // rows: no later row rule applies to them
	RefuseRow Do = "refuse"    // rows: answered with Code
	Omit      Do = "omit"      // rows: acted upon, but missing in the answer
	Lose      Do = "lose"      // rows: neither acted upon nor answered, as if they had never come
	Duplicate Do = "duplicate" // rows: repeated word for word in the answer
	Misstate  Do = "misstate"  // rows of money: answered with one fen too much
	Stray     Do = "stray"     // rows of money: a row that nobody asked about stands in the answer besides
	PayBack   Do = "payback"   // rows of money: paid, and After later told to have come back with Code; twice by two such rules
	Reorder   Do = "reorder"   // files: the answer's rows are not in ascending order
	Postpone  Do = "delay"     // files: the answer comes After later
	Truncate  Do = "truncate"  // files: the answer is cut in half Times times (1), each time for After (1 s), then whole
	Resend    Do = "resend"    // files: the answer is sent again once the hub has taken it
	Silent    Do = "silent"    // files: no answer until the rule is gone
	Cut       Do = "drop"      // wire: the connection is cut in the middle of a file of this kind, Times times (1)
)

// Rule is one entry of a rules file.
type Rule struct {
	Partner string        `toml:"partner"` // a partner's name, or "*"; NAME/test for its test system
	Kind    string        `toml:"kind"`    // of the request, or "*"; for drop the kind of the file to cut
	Do      Do            `toml:"do"`
	Code    string        `toml:"code"`  // of a refusal or of what came back
	Share   *float64      `toml:"share"` // of rows or files, 0 to 1; all when absent
	After   time.Duration `toml:"after"`
	Times   int           `toml:"times"` // files that the rule is for, 0 for all; see truncate and drop
	Rows    int           `toml:"rows"`  // of each file, from its beginning, 0 for all
	Bytes   int64         `toml:"bytes"` // drop only: how much of the file passes; half of a download, all but nothing of an upload
}

// key tells a rule from others, also after the file was read again.
func (r *Rule) key() string {
	share := 1.0
	if r.Share != nil {
		share = *r.Share
	}
	return fmt.Sprintf("%s %s %s %s %g %s %d %d %d", r.Partner, r.Kind, r.Do, r.Code, share, r.After, r.Times, r.Rows, r.Bytes)
}

func (r *Rule) matches(partner, kind string) bool {
	everyone := r.Partner == "*" && !strings.HasSuffix(partner, "/"+trialFolder) // what is tested is not disturbed by the way
	return (everyone || r.Partner == partner) && (r.Kind == "*" || r.Kind == kind)
}

func (r *Rule) check() error {
	switch {
	case r.Partner == "" || r.Kind == "":
		return errors.New("partner and kind must be given; \"*\" stands for all")
	case r.Share != nil && (*r.Share < 0 || *r.Share > 1):
		return errors.New("share must be from 0 to 1")
	case r.After < 0 || r.Times < 0 || r.Rows < 0 || r.Bytes < 0:
		return errors.New("after, times, rows and bytes cannot be negative")
	case (r.Do == RefuseRow || r.Do == PayBack) != (r.Code != ""):
		return errors.New("refuse and payback need a code, and nothing else has one")
	case r.Bytes > 0 && r.Do != Cut:
		return errors.New("bytes is for drop only")
	}
	return r.checkDo()
}

func (r *Rule) checkDo() error {
	switch r.Do {
	case Accept, RefuseRow, Omit, Lose, Duplicate, Misstate, Stray, Reorder, Resend:
		if r.After > 0 {
			return fmt.Errorf("after has no meaning for %s", r.Do)
		}
	case Postpone:
		if r.After == 0 {
			return errors.New("delay needs after")
		}
	case Silent:
		if r.After > 0 || r.Times > 0 {
			return errors.New("silent lasts until the rule is gone: no after, no times")
		}
	case Cut:
		if r.Share != nil || r.After > 0 {
			return errors.New("drop has neither share nor after")
		}
	case Truncate, PayBack:
	default:
		return fmt.Errorf("do = %q is unknown", r.Do)
	}
	return nil
}

// book is the content of a rules file.
type book struct {
	Rule    []Rule      `toml:"rule"`
	Partner Assignments `toml:"partner"`
	Account Purses      `toml:"account"`
}

// ReadRules reads a rules file; keys that it does not know and rules without sense are errors.
func ReadRules(path string) ([]Rule, error) {
	b, err := readBook(path)
	return b.Rule, err
}

func readBook(path string) (book, error) {
	var b book
	meta, err := toml.DecodeFile(path, &b)
	if err != nil {
		return book{}, fmt.Errorf("rules: %w", err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return book{}, fmt.Errorf("rules %s: unknown key %s", path, unknown[0])
	}
	for i := range b.Rule {
		if err := b.Rule[i].check(); err != nil {
			return book{}, fmt.Errorf("rules %s: rule %d: %w", path, i+1, err)
		}
	}
	if err := errors.Join(b.Partner.check(), b.Account.check()); err != nil {
		return book{}, fmt.Errorf("rules %s: %w", path, err)
	}
	return b, nil
}

// Rulebook is a rules file that is read again when it changes. Several partners may share one.
type Rulebook struct {
	path string

	mu      sync.Mutex
	stamp   stamp
	rules   []Rule
	version int
}

// stamp is what a changed file shows.
type stamp struct {
	time time.Time
	size int64
}

// justEmptied reports whether a file may have been emptied only to be written anew.
func (s stamp) justEmptied() bool {
	return s.size == 0 && !s.time.IsZero() && time.Since(s.time) < 100*time.Millisecond
}

// OpenRules reads the rules of path; an empty path or a file that is not there has none.
func OpenRules(path string) (*Rulebook, error) {
	b := &Rulebook{path: path}
	_, _, err := b.Current()
	return b, err
}

// Current returns the rules as the file has them now, and a version that grows with each change. After a change that cannot
// be read the rules stay as they were; the error comes once.
func (b *Rulebook) Current() ([]Rule, int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now, err := b.look()
	if err == nil && now != b.stamp && !now.justEmptied() {
		b.stamp = now
		err = b.reread()
	}
	return b.rules, b.version, err
}

func (b *Rulebook) look() (stamp, error) {
	if b.path == "" {
		return stamp{}, nil
	}
	info, err := os.Stat(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		return stamp{}, nil
	}
	if err != nil {
		return stamp{}, fmt.Errorf("rules: %w", err)
	}
	return stamp{info.ModTime(), info.Size()}, nil
}

func (b *Rulebook) reread() error {
	var rules []Rule
	var err error
	if b.stamp != (stamp{}) {
		rules, err = ReadRules(b.path)
	}
	if err != nil {
		return err
	}
	b.rules = rules
	b.version++
	return nil
}
