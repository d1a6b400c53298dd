// Package config reads the hub's settings: one strict TOML file over good defaults. Secrets are never in it, only the
// paths of the files that hold them. deploy/onecard.toml is the annotated sample.
package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"onecard/card"
)

// Config is everything that can be set. Paths in it are absolute, or as they were given to Default's caller.
type Config struct {
	Ledger    Ledger    `toml:"ledger"`
	Temporal  Temporal  `toml:"temporal"`
	Vault     Vault     `toml:"vault"`
	Exchange  Exchange  `toml:"exchange"`
	Gateway   Gateway   `toml:"gateway"`
	Issuance  Issuance  `toml:"issuance"`
	Payout    Payout    `toml:"payout"`
	Timetable Timetable `toml:"timetable"`
	Match     Match     `toml:"match"`
	Partners  []Partner `toml:"partner"`
}

// Ledger says where PostgreSQL is: one of the two is set.
type Ledger struct {
	URL             string `toml:"url"`               // without a password
	DatabaseURLFile string `toml:"database_url_file"` // of a file whose one line is the whole URL
}

// Temporal says where the workflows run.
type Temporal struct {
	Address   string `toml:"address"` // host:port
	Namespace string `toml:"namespace"`
}

// Vault says where the keys for personal data are.
type Vault struct {
	KeyFile string `toml:"key_file"`
}

// Exchange is what all partners' file exchanges share.
type Exchange struct {
	Archive     string `toml:"archive"`       // folder of the raw bytes of every file, both ways
	SSHKeyFile  string `toml:"ssh_key_file"`  // OpenSSH private key
	SignKeyFile string `toml:"sign_key_file"` // SM2 private key for manifests
}

// Issuance sets how batches of cards are cut.
type Issuance struct {
	BatchRows       int     `toml:"batch_rows"`       // 1 to 20,000
	CanaryRows      int     `toml:"canary_rows"`      // 0 for no canary
	CanaryThreshold float64 `toml:"canary_threshold"` // the share of failed rows, 0 to 1, from which the rollout stops
	Remakes         int     `toml:"remakes"`          // how often a card that the bureau failed to make is tried again
	Concurrency     int     `toml:"concurrency"`      // batches of one rollout in production at once
	Activities      int     `toml:"activities"`       // steps that one worker does at once; each may hold a batch in memory
}

// Payout sets how batches of subsidies are cut.
type Payout struct {
	BatchRows       int     `toml:"batch_rows"`       // payments of one money file, 1 to 20,000
	CanaryRows      int     `toml:"canary_rows"`      // of each bank; 0 for no canaries
	CanaryThreshold float64 `toml:"canary_threshold"` // the share of payments not made, 0 to 1, above which the rollout stops
	Concurrency     int     `toml:"concurrency"`      // batches of one rollout whose files are being made at once
}

// Kind is what a partner is.
type Kind string

// The kinds of partners.
const (
	Bank   Kind = "bank"
	Bureau Kind = "bureau"
	Civil  Kind = "civil"
	Outlet Kind = "outlet"
)

// Partner is one organisation that exchanges files with the hub.
type Partner struct {
	Name         string        `toml:"name"` // as in file names
	Kind         Kind          `toml:"kind"`
	Bank         string        `toml:"bank"`          // the bank's prefix, such as "102"; for banks only
	Address      string        `toml:"address"`       // host:port of its SFTP server
	User         string        `toml:"user"`          // the hub's account there
	HostKey      string        `toml:"host_key"`      // the server's public key as an authorized_keys line
	KeyFile      string        `toml:"key_file"`      // the hub's SSH key for this partner; exchange.ssh_key_file when empty
	LoginKeys    []string      `toml:"login_keys"`    // instead of the three above: its public keys, when it logs in to our gateway
	VerifyKey    string        `toml:"verify_key"`    // the partner's SM2 public key, in hex
	Layouts      []string      `toml:"layouts"`       // its own file layouts: .toml files, or names of formats that ship
	Concurrency  int           `toml:"concurrency"`   // files under way at once; of a bank also batches in production
	Poll         time.Duration `toml:"poll"`          // between looks for an answer
	AnswerWithin time.Duration `toml:"answer_within"` // after which its silence is raised
	PayerAccount string        `toml:"payer_account"` // of a bank: the account there from which subsidies are paid
	Contact      string        `toml:"contact"`       // whom to call, for people at the hub
	SilentAfter  time.Duration `toml:"silent_after"`  // working time without a file or a login, after which that is raised; 0 for never
	Server       Server        `toml:"server"`
	Expect       []Expect      `toml:"expect"`
	Payments     PayTimes      `toml:"payments,omitempty"`

	// Added is the file in AddedFolder that the partner was read from; empty for one of the settings themselves.
	Added string `toml:"-"`
}

// Timetable is what all partners' timetables share.
type Timetable struct {
	Holidays string `toml:"holidays"` // file of years that this program does not know yet, as card/calendar.csv; or empty
}

// Expect is one kind of file that a partner sends by itself, on which days, and by when.
type Expect struct {
	Kind   string        `toml:"kind"`    // as in file names
	Days   string        `toml:"days"`    // as card.Calendar.Schedule reads them
	CutOff string        `toml:"cut_off"` // HH:MM in Asia/Shanghai
	Grace  time.Duration `toml:"grace"`   // after the cut-off, until the file counts as missed
}

// PayTimes is when a bank takes payment files; the zero value means at any time.
type PayTimes struct {
	Days   string `toml:"days"`    // as card.Calendar.Schedule reads them
	Opens  string `toml:"opens"`   // HH:MM in Asia/Shanghai; from midnight when empty
	CutOff string `toml:"cut_off"` // HH:MM in Asia/Shanghai
}

// Default returns the settings of an empty file: what stands beside the file for paths, one Temporal on this machine,
// no partners.
func Default() Config {
	return Config{
		Temporal: Temporal{Address: "127.0.0.1:7233", Namespace: "onecard"},
		Vault:    Vault{KeyFile: "vault.toml"},
		Exchange: Exchange{Archive: "archive", SSHKeyFile: "ssh.key", SignKeyFile: "sign.key"},
		Gateway:  defaultGateway(),
		Match:    Match{Day: 10, At: "02:00", PaidMonths: 12, AnswerWithin: 5 * 24 * time.Hour, PageRows: 20_000},
		Issuance: Issuance{BatchRows: 20_000, CanaryRows: 200, CanaryThreshold: 0.05, Remakes: 1, Concurrency: 6, Activities: 8},
		Payout:   Payout{BatchRows: 20_000, CanaryRows: 200, CanaryThreshold: 0.05, Concurrency: 12},
	}
}

// DefaultPartner returns a partner with everything set that need not be said.
func DefaultPartner() Partner {
	return Partner{Concurrency: 2, Poll: 2 * time.Second, AnswerWithin: 48 * time.Hour}
}

// Load reads the file at path over the defaults. Relative paths in it are taken from the file's folder. The error (kind
// Invalid, or NotFound) names every unknown or wrong key with its line. What may yet come from the command line is not
// demanded here but by Validate.
func Load(path string) (Config, error) {
	op := "read settings " + path
	text, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if errors.Is(err, os.ErrNotExist) {
		return Config{}, card.E(card.NotFound, op, "", err)
	}
	if err != nil {
		return Config{}, card.E(card.Internal, op, "", err)
	}
	c, faults := parse(string(text))
	if len(faults) > 0 {
		return Config{}, card.E(card.Invalid, op, card.ReasonSettingsWrong, join(faults, lines(string(text))))
	}
	if err := c.resolve(filepath.Dir(path)); err != nil {
		return Config{}, card.E(card.Internal, op, "", err)
	}
	return c.withAdded(path)
}

// Validate returns everything that is wrong or missing, as one error of kind Invalid, before anything is started.
func (c Config) Validate() error {
	if faults := append(c.wrong(), c.missing()...); len(faults) > 0 {
		return card.E(card.Invalid, "check settings", card.ReasonSettingsWrong, join(faults, nil))
	}
	return nil
}

// DatabaseURL returns the URL, from the file when one is named.
func (l Ledger) DatabaseURL() (string, error) {
	if l.DatabaseURLFile == "" {
		return l.URL, nil
	}
	text, err := os.ReadFile(l.DatabaseURLFile)
	if err != nil {
		return "", fmt.Errorf("read ledger.database_url_file: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

func parse(text string) (Config, []fault) {
	var tree map[string]any
	if _, err := toml.Decode(text, &tree); err != nil {
		return Config{}, []fault{syntax(err)}
	}
	if faults := checkTypes(tree, Config{}); len(faults) > 0 {
		return Config{}, faults
	}
	c := Default()
	if _, err := toml.Decode(text, &c); err != nil {
		return Config{}, []fault{syntax(err)}
	}
	partners, _ := tree["partner"].([]map[string]any)
	for n, said := range partners {
		c.Partners[n].fill(said)
	}
	return c, c.wrong()
}

// fill sets to their defaults the keys that the file does not mention.
func (p *Partner) fill(said map[string]any) {
	usual := DefaultPartner()
	if _, ok := said["concurrency"]; !ok {
		p.Concurrency = usual.Concurrency
	}
	if _, ok := said["poll"]; !ok {
		p.Poll = usual.Poll
	}
	if _, ok := said["answer_within"]; !ok {
		p.AnswerWithin = usual.AnswerWithin
	}
}

// resolve makes the paths absolute, from dir when they are relative.
func (c *Config) resolve(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	paths := []*string{&c.Ledger.DatabaseURLFile, &c.Vault.KeyFile,
		&c.Exchange.Archive, &c.Exchange.SSHKeyFile, &c.Exchange.SignKeyFile, &c.Timetable.Holidays,
		&c.Gateway.HostKeyFile, &c.Gateway.Root, &c.Gateway.AuditFile}
	for i := range c.Partners {
		paths = append(paths, c.Partners[i].files()...)
	}
	anchor(dir, paths)
	return nil
}

// anchor makes relative paths absolute, from dir.
func anchor(dir string, paths []*string) {
	for _, p := range paths {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
	}
}

// files returns the partner's files: its key, and its layouts that are files and no names.
func (p *Partner) files() []*string {
	files := []*string{&p.KeyFile}
	for i := range p.Layouts {
		if strings.HasSuffix(p.Layouts[i], ".toml") {
			files = append(files, &p.Layouts[i])
		}
	}
	return files
}
