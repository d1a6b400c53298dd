package config

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"onecard/card"
)

const (
	maxBatchRows   = 20_000 // the largest batch that the workflows are made for
	maxConcurrency = 64
	maxRemakes     = 9
	minPoll        = 100 * time.Millisecond
	minAnswer      = time.Second
)

var partnerName = regexp.MustCompile(`^[A-Z0-9]{2,16}$`)

// rules collects faults under the keys of one table.
type rules struct {
	table  string
	faults []fault
}

func (r *rules) must(ok bool, key, format string, args ...any) {
	if !ok {
		r.faults = append(r.faults, fault{key: r.table + "." + key, says: fmt.Sprintf(format, args...)})
	}
}

// wrong returns the values that cannot work, whatever else is set.
func (c Config) wrong() []fault {
	faults := c.Ledger.wrong()
	faults = append(faults, c.Temporal.wrong()...)
	faults = append(faults, c.Issuance.wrong()...)
	faults = append(faults, c.Payout.wrong("payout")...)
	faults = append(faults, c.Match.wrong()...)
	faults = append(faults, c.Gateway.wrong()...)
	names, banks, sole := map[string]bool{}, map[string]bool{}, map[Kind]bool{}
	for n, p := range c.Partners {
		r := rules{table: partnerTable(n)}
		r.must(p.Name == "" || !names[p.Name], "name", "%s is there twice", p.Name)
		r.must(p.Bank == "" || !banks[p.Bank], "bank", "%s is there twice", p.Bank)
		r.must(p.Kind == Bank || !sole[p.Kind], "kind", "there is a %s already, and there can be one", p.Kind)
		names[p.Name], banks[p.Bank], sole[p.Kind] = true, true, true
		p.check(&r)
		faults = append(faults, r.faults...)
		faults = append(faults, p.wrongTimetable(r.table)...)
	}
	return faults
}

// missing returns what has no default and was given by nobody.
func (c Config) missing() []fault {
	var faults []fault
	for _, need := range []struct{ key, value string }{
		{"temporal.address", c.Temporal.Address},
		{"temporal.namespace", c.Temporal.Namespace},
		{"vault.key_file", c.Vault.KeyFile},
		{"exchange.archive", c.Exchange.Archive},
		{"exchange.ssh_key_file", c.Exchange.SSHKeyFile},
		{"exchange.sign_key_file", c.Exchange.SignKeyFile},
	} {
		if need.value == "" {
			faults = append(faults, fault{key: need.key, says: "is missing"})
		}
	}
	if c.Ledger == (Ledger{}) {
		faults = append(faults, fault{key: "ledger", says: "url or database_url_file is missing"})
	}
	return faults
}

func (l Ledger) wrong() []fault {
	r := rules{table: "ledger"}
	r.must(l.URL == "" || l.DatabaseURLFile == "", "url", "only one of url and database_url_file may be set")
	if l.URL == "" {
		return r.faults
	}
	u, err := url.Parse(l.URL)
	if err != nil { // whose text would show the URL
		r.must(false, "url", "is not a URL")
		return r.faults
	}
	r.must(u.Scheme == "postgres" || u.Scheme == "postgresql", "url", "must begin with postgres://")
	_, secret := u.User.Password()
	r.must(!secret && !u.Query().Has("password"), "url", "must not hold a password; put the URL into a file and name it by database_url_file")
	return r.faults
}

func (t Temporal) wrong() []fault {
	r := rules{table: "temporal"}
	r.must(t.Address == "" || isAddress(t.Address), "address", "must be host:port")
	return r.faults
}

func (i Issuance) wrong() []fault {
	r := rules{table: "issuance"}
	r.must(i.Remakes >= 0 && i.Remakes <= maxRemakes, "remakes", "must be within 0 and %d", maxRemakes)
	r.must(i.Activities >= 1 && i.Activities <= maxConcurrency, "activities", "must be within 1 and %d", maxConcurrency)
	cut := Payout{BatchRows: i.BatchRows, CanaryRows: i.CanaryRows, CanaryThreshold: i.CanaryThreshold, Concurrency: i.Concurrency}
	return append(cut.wrong(r.table), r.faults...)
}

// wrong checks how batches are cut, which is alike for cards and payments.
func (p Payout) wrong(table string) []fault {
	r := rules{table: table}
	r.must(p.BatchRows >= 1 && p.BatchRows <= maxBatchRows, "batch_rows", "must be within 1 and %d", maxBatchRows)
	r.must(p.CanaryRows >= 0 && p.CanaryRows <= maxBatchRows, "canary_rows", "must be within 0 and %d", maxBatchRows)
	r.must(p.CanaryThreshold >= 0 && p.CanaryThreshold <= 1, "canary_threshold", "must be within 0 and 1")
	r.must(p.Concurrency >= 1 && p.Concurrency <= maxConcurrency, "concurrency", "must be within 1 and %d", maxConcurrency)
	return r.faults
}

func (p Partner) check(r *rules) {
	r.must(partnerName.MatchString(p.Name), "name", "must be 2 to 16 of A-Z and 0-9")
	switch p.Kind {
	case Bank:
		bank, known := card.FindBank(p.Bank)
		r.must(known && bank.Prefix == p.Bank, "bank", "must be the prefix of a bank of the programme, such as \"102\"")
		named, taken := card.FindBank(p.Name)
		r.must(!known || !taken || named.Identifier != p.Name || named.Prefix == p.Bank, "bank", "is not the prefix of %s, which is %s", p.Name, named.Prefix)
	case Bureau, Civil, Outlet:
		r.must(p.Bank == "", "bank", "is for partners of the kind bank only")
	default:
		r.must(false, "kind", "must be bank, bureau, civil or outlet")
	}
	p.checkWay(r)
	r.must(p.VerifyKey != "" || !p.Server.Declares(), "verify_key", "is missing: no file is taken unsigned")
	p.Server.check(r)
	r.must(p.Concurrency >= 1 && p.Concurrency <= maxConcurrency, "concurrency", "must be within 1 and %d", maxConcurrency)
	r.must(p.Poll >= minPoll, "poll", "must be at least %s", minPoll)
	r.must(p.AnswerWithin >= minAnswer, "answer_within", "must be at least %s", minAnswer)
}

func isAddress(s string) bool {
	host, port, err := net.SplitHostPort(s)
	if err != nil || host == "" {
		return false
	}
	n, err := strconv.Atoi(port)
	return err == nil && n >= 1 && n <= 65535
}
