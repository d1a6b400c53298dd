package conformance

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"onecard/card"
	"onecard/connectors/exchange"
	"onecard/connectors/layout"
)

// Subject is the partner that is tested.
type Subject struct {
	Endpoint exchange.Endpoint // as the hub uses it
	Request  card.FileKind     // the kind of file that the partner is sent
	Layouts  layout.Set
	Known    []string // habits of its server that were declared and do no harm; see KnownHabits
}

// Options bound a test.
type Options struct {
	Wait   time.Duration // for the partner's test system to deal with what it is sent; 2 min when 0
	Look   time.Duration // between looks for that; 1 s when 0
	List   time.Duration // the longest that a listing may take; 5 s when 0
	Told   func(Result)  // of each check when it has ended; nil for nobody
	Now    func() time.Time
	Folder string // for temporary files; the system's when empty
}

func (o Options) withDefaults() Options {
	if o.Wait == 0 {
		o.Wait = 2 * time.Minute
	}
	if o.Look == 0 {
		o.Look = time.Second
	}
	if o.List == 0 {
		o.List = 5 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Told == nil {
		o.Told = func(Result) {}
	}
	return o
}

// tested is the folder of an account in which tests are made.
const tested = "test"

// bench is one test under way.
type bench struct {
	Subject
	Options
	layout *layout.Layout
	x      *exchange.Exchange
	wire   wire
	dir    string // of temporary files
	day    string
	next   int // sequence of the next file
	knock  knock
	shut   string // why nothing more can be tried; empty while it can
	cases  []*letter
	good   goodFiles
}

// Run makes all checks and returns the report. An error is about the test itself, not about the partner: what is wrong with
// the partner stands in the report.
func Run(ctx context.Context, s Subject, o Options) (Report, error) {
	b, err := newBench(s, o.withDefaults())
	if err != nil {
		return Report{}, err
	}
	defer os.RemoveAll(b.dir) //nolint:errcheck // temporary files
	defer b.x.Close()         //nolint:errcheck // nothing is under way any more
	r := Report{Partner: s.Endpoint.Partner, Request: string(s.Request), At: b.Now()}
	for _, c := range catalogue() {
		if err := ctx.Err(); err != nil {
			return r, fmt.Errorf("test partner %s: %w", s.Endpoint.Partner, err)
		}
		result := b.try(ctx, c)
		r.Checks = append(r.Checks, result)
		b.Told(result)
	}
	b.tidy(ctx)
	return r, nil
}

func newBench(s Subject, o Options) (*bench, error) {
	l, err := s.Layouts.Of(s.Request)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(o.Folder, "conformance-")
	if err != nil {
		return nil, fmt.Errorf("test partner %s: %w", s.Endpoint.Partner, err)
	}
	e := s.Endpoint
	e.Inbox, e.Outbox = path.Join(tested, "inbox"), path.Join(tested, "outbox")
	if e.Directory == "" {
		e.OneAtATime = true // nothing is held open between two checks
	}
	x := exchange.Open(exchange.Config{Archive: filepath.Join(dir, "archive"), Endpoints: []exchange.Endpoint{e}})
	return &bench{Subject: s, Options: o, layout: l, x: x, wire: wire{e}, dir: dir,
		day: o.Now().In(time.FixedZone("Asia/Shanghai", 8*60*60)).Format("20060102")}, nil
}

// check is one line of the catalogue.
type check struct {
	Result
	habit string // of those that may be declared; the check then passes
	run   func(*bench, context.Context) verdict
}

func (b *bench) try(ctx context.Context, c check) Result {
	r := c.Result
	v := idle("前面的检查未通过，无法进行："+b.shut, "could not be tried: "+b.shut)
	if b.shut == "" || c.Group == Door {
		v = c.run(b, ctx)
	}
	if v.outcome == Failed && c.habit != "" && slices.Contains(b.Known, c.habit) {
		v = pass(v.found.ZH+"（已声明 "+c.habit+"）", v.found.EN+" (declared: "+c.habit+")")
	}
	r.Outcome, r.Found = v.outcome, v.found
	if r.Outcome != Failed {
		r.Mend = Words{}
	}
	return r
}

// undeclared says whether the partner declares its files by no manifests.
func (b *bench) undeclared() bool { return b.Endpoint.Manifests == exchange.ManifestsNone }

// atHome says whether the account is a folder of ours.
func (b *bench) atHome() bool { return b.Endpoint.Directory != "" }

// catalogue lists all checks in the order in which they are made: what later ones rest on comes first.
func catalogue() []check {
	return slices.Concat(doorChecks(), folderChecks(), publishChecks(), habitChecks(), badChecks(), goodChecks())
}

// Checks lists what is checked, without outcomes.
func Checks() []Result {
	var all []Result
	for _, c := range catalogue() {
		all = append(all, c.Result)
	}
	return all
}

// KnownHabits lists the habits of servers that may be declared because the hub copes with them by itself.
func KnownHabits() []string {
	var all []string
	for _, c := range catalogue() {
		if c.habit != "" {
			all = append(all, c.habit)
		}
	}
	return all
}
