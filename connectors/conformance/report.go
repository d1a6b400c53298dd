// Package conformance tests a partner before it goes live: its server, its habits, its files and how it treats bad ones. It
// plays the hub in the partner's own account, in the folder test/ only, where by the convention (docs/partner-files.md) a
// partner's test system works and nothing makes cards or moves money. What it finds is a Report for both sides.
package conformance

import (
	"time"
)

// Words say one thing in Chinese and in English.
type Words struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Outcome is how a check ended.
type Outcome string

// The outcomes.
const (
	Passed Outcome = "pass"
	Failed Outcome = "fail"
	Idle   Outcome = "not_applicable" // does not apply to this partner, or could not be tried because another check failed
)

// Group is what a check is about.
type Group string

// The groups, in the order of a report.
const (
	Door     Group = "door"     // connection and keys
	Folders  Group = "folders"  // folders and rights
	Publish  Group = "publish"  // publish with proof
	Habits   Group = "habits"   // what the server is like, against what was declared
	Naming   Group = "naming"   // names
	Manifest Group = "manifest" // bad manifests must be refused
	Content  Group = "content"  // bad files must be refused
	Exchange Group = "exchange" // good files, answers, repetitions, receipts
)

// Result is one check: what was done, what was found and what was expected, and what the partner has to mend if it failed.
// It holds no personal data and no secrets.
type Result struct {
	Code     string  `json:"code"`
	Group    Group   `json:"group"`
	Name     Words   `json:"name"`
	Did      Words   `json:"did"`
	Expected Words   `json:"expected"`
	Found    Words   `json:"found"`
	Outcome  Outcome `json:"outcome"`
	Mend     Words   `json:"mend"`
}

// Report is what a test found about a partner.
type Report struct {
	Partner string    `json:"partner"`
	Request string    `json:"request"` // the kind of file that was tried
	At      time.Time `json:"at"`
	Checks  []Result  `json:"checks"`
}

// Count returns how many checks ended so.
func (r Report) Count(o Outcome) int {
	n := 0
	for _, c := range r.Checks {
		if c.Outcome == o {
			n++
		}
	}
	return n
}

// Green says whether the partner may go live by this report: something was tried, and nothing failed.
func (r Report) Green() bool { return r.Count(Passed) > 0 && r.Count(Failed) == 0 }

// verdict is what a check found out.
type verdict struct {
	outcome Outcome
	found   Words
}

func pass(zh, en string) verdict { return verdict{Passed, Words{zh, en}} }
func fail(zh, en string) verdict { return verdict{Failed, Words{zh, en}} }
func idle(zh, en string) verdict { return verdict{Idle, Words{zh, en}} }

// judged passes when it holds.
func judged(holds bool, good, bad Words) verdict {
	if holds {
		return verdict{Passed, good}
	}
	return verdict{Failed, bad}
}
