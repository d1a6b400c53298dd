package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/exchange"
)

var sample = filepath.Join("..", "..", "..", "..", "deploy", "onecard.toml")

const bank = `[[partner]]
name = "ICBC"
kind = "bank"
bank = "102"
address = "sftp.example:22"
user = "onecard"
host_key = "ssh-ed25519 AAAA"
verify_key = "04"
`

func load(t *testing.T, text string) (config.Config, string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "onecard.toml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	c, err := config.Load(path)
	return c, filepath.Dir(path), err
}

func TestSampleIsValidAndShowsTheDefaults(t *testing.T) {
	t.Parallel()
	c, err := config.Load(sample)
	require.NoError(t, err)
	require.NoError(t, c.Validate())

	want := config.Default()
	require.Equal(t, want.Temporal, c.Temporal)
	require.Equal(t, want.Issuance, c.Issuance)
	require.Equal(t, want.Payout, c.Payout)
	require.Equal(t, want.Timetable, c.Timetable)
	gateway := c.Gateway
	gateway.HostKeyFile, gateway.Root, gateway.AuditFile = want.Gateway.HostKeyFile, want.Gateway.Root, want.Gateway.AuditFile
	require.Equal(t, want.Gateway, gateway)
	require.Len(t, c.Partners, 5)
	first, usual := c.Partners[0], config.DefaultPartner()
	require.Equal(t, []any{usual.Concurrency, usual.Poll, usual.AnswerWithin, usual.Contact, usual.SilentAfter},
		[]any{first.Concurrency, first.Poll, first.AnswerWithin, first.Contact, first.SilentAfter})

	dir, err := filepath.Abs(filepath.Dir(sample))
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, want.Vault.KeyFile), c.Vault.KeyFile)
	require.Equal(t, "/etc/onecard/database-url", c.Ledger.DatabaseURLFile)
}

// TestSampleShowsEveryKey keeps the sample from falling behind the code; url alone stands in a comment.
func TestSampleShowsEveryKey(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(sample)
	require.NoError(t, err)
	md, err := toml.Decode(string(text), &map[string]any{})
	require.NoError(t, err)
	shown := fmt.Sprint(md.Keys())
	for _, key := range keysOf(reflect.TypeFor[config.Config](), "") {
		if key == "ledger.url" {
			require.Contains(t, string(text), "#   url = ")
			continue
		}
		require.Contains(t, shown, key)
	}
}

// keysOf returns the keys of a table and of those within it.
func keysOf(table reflect.Type, name string) []string {
	var keys []string
	for _, f := range reflect.VisibleFields(table) {
		tag, _, _ := strings.Cut(f.Tag.Get("toml"), ",")
		if tag == "-" {
			continue
		}
		key := strings.TrimPrefix(name+"."+tag, ".")
		keys = append(keys, key)
		inner := f.Type
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			keys = append(keys, keysOf(inner, key)...)
		}
	}
	return keys
}

func TestSampleSuitsTheExchange(t *testing.T) {
	t.Parallel()
	c, err := config.Load(sample)
	require.NoError(t, err)
	var endpoints []exchange.Endpoint
	for _, p := range c.Partners {
		if p.LogsIn() {
			continue
		}
		endpoints = append(endpoints, exchange.Endpoint{Partner: p.Name, Address: p.Address, User: p.User,
			KeyFile: c.Exchange.SSHKeyFile, HostKey: p.HostKey, SignKeyFile: c.Exchange.SignKeyFile, VerifyKey: p.VerifyKey})
	}
	err = exchange.Config{Archive: c.Exchange.Archive, Endpoints: endpoints}.Check()
	require.ErrorContains(t, err, "ssh.key", "the sample's private keys are not there")
	require.NotContains(t, err.Error(), "host key")
	require.NotContains(t, err.Error(), "verification key")
}

func TestEmptyFileGivesDefaultsBesideIt(t *testing.T) {
	t.Parallel()
	c, dir, err := load(t, "")
	require.NoError(t, err)
	require.Equal(t, config.Default().Issuance, c.Issuance)
	require.Equal(t, config.Default().Payout, c.Payout)
	require.Equal(t, filepath.Join(dir, "archive"), c.Exchange.Archive)
	require.ErrorContains(t, c.Validate(), "ledger: url or database_url_file is missing")
	c.Ledger.URL = "postgres://onecard@127.0.0.1:5432/onecard"
	require.NoError(t, c.Validate())
}

func TestPartnerDefaults(t *testing.T) {
	t.Parallel()
	c, _, err := load(t, bank+"poll = \"10s\"\n")
	require.NoError(t, err)
	require.Equal(t, 10*time.Second, c.Partners[0].Poll)
	require.Equal(t, 48*time.Hour, c.Partners[0].AnswerWithin)
	require.Equal(t, 2, c.Partners[0].Concurrency)
}

func TestServerOfAPartner(t *testing.T) {
	t.Parallel()
	c, _, err := load(t, strings.Replace(bank, "verify_key = \"04\"\n", "", 1)+
		"[partner.server]\nmanifests = \"none\"\nstillness = \"30s\"\nread_once = true\npacket = 4096\n")
	require.NoError(t, err, "without manifests there is nothing to verify")
	require.False(t, c.Partners[0].Server.Declares())
	require.Equal(t, exchange.Quirks{ReadOnce: true}, c.Partners[0].Server.Quirks())
	require.Equal(t, 30*time.Second, c.Partners[0].Server.Stillness)
}

func TestLayoutsAreFilesBesideTheSettingsOrNames(t *testing.T) {
	t.Parallel()
	c, dir, err := load(t, bank+"layouts = [\"rural-acctreq\", \"own/answers.toml\", \"/etc/onecard/a.toml\"]\n")
	require.NoError(t, err)
	require.Equal(t, []string{"rural-acctreq", filepath.Join(dir, "own", "answers.toml"), "/etc/onecard/a.toml"}, c.Partners[0].Layouts)
}

func TestFaultsNameKeyAndLine(t *testing.T) {
	t.Parallel()
	second := strings.NewReplacer("ICBC", "ABC", "102", "103").Replace(bank)
	for name, tc := range map[string]struct{ text, says string }{
		"not TOML":          {"[ledger]\nurl == 1", "line 2: ledger.url"},
		"key twice":         {"[vault]\nkey_file = \"a\"\nkey_file = \"b\"\n", "line 3"},
		"unknown table":     {"[ledgr]\nurl = \"x\"\n", "line 1: ledgr: is not a setting; there are exchange, gateway, issuance, ledger"},
		"unknown key":       {"[vault]\n\nkeyfile = \"x\"\n", "line 3: vault.keyfile: is not a setting; there are key_file"},
		"unknown at top":    {"vault_key = 1\n", "line 1: vault_key: is not a setting"},
		"text for number":   {"[issuance]\nbatch_rows = \"20000\"\n", "line 2: issuance.batch_rows: must be a whole number"},
		"fraction":          {"[issuance]\nremakes = 1.5\n", "line 2: issuance.remakes: must be a whole number"},
		"number for text":   {"[temporal]\naddress = 7233\n", "line 2: temporal.address: must be a text"},
		"text for share":    {"[issuance]\ncanary_threshold = \"5%\"\n", "line 2: issuance.canary_threshold: must be a number"},
		"text for table":    {"vault = \"x\"\n", "line 1: vault: must be a table [vault]"},
		"one partner table": {strings.Replace(bank, "[[partner]]", "[partner]", 1), "partner: must be tables [[partner]]"},
		"poll without unit": {bank + "poll = 2\n", "line 9: partner[1].poll: must be a time with its unit"},
		"poll of nonsense":  {bank + "poll = \"soon\"\n", "line 9: partner[1].poll: must be a time with its unit"},
		"poll too fast":     {bank + "poll = \"1ms\"\n", "line 9: partner[1].poll: must be at least 100ms"},
		"no answer time":    {bank + "answer_within = \"0s\"\n", "line 9: partner[1].answer_within: must be at least 1s"},
		"concurrency 0":     {bank + "concurrency = 0\n", "line 9: partner[1].concurrency: must be within 1 and 64"},
		"partner's name":    {strings.Replace(bank, `"ICBC"`, `"../x"`, 1), "line 2: partner[1].name: must be 2 to 16"},
		"partner's kind":    {bank + second + strings.Replace(bank, `kind = "bank"`, `kind = "post"`, 1), "line 19: partner[3].kind: must be bank, bureau, civil or outlet"},
		"partner twice":     {bank + strings.Replace(bank, "102", "103", 1), "line 10: partner[2].name: ICBC is there twice"},
		"bank twice":        {bank + strings.Replace(bank, "ICBC", "ICBC2", 1), "line 12: partner[2].bank: 102 is there twice"},
		"bank unknown":      {strings.Replace(bank, `"102"`, `"999"`, 1), "line 4: partner[1].bank: must be the prefix"},
		"bank by name":      {strings.Replace(bank, `"102"`, `"ICBC"`, 1), "line 4: partner[1].bank: must be the prefix"},
		"bank of a bureau":  {strings.Replace(bank, `kind = "bank"`, `kind = "bureau"`, 1), "line 4: partner[1].bank: is for partners of the kind bank only"},
		"no host key":       {strings.Replace(bank, "host_key = \"ssh-ed25519 AAAA\"\n", "", 1), "line 1: partner[1].host_key: is missing"},
		"no verify key":     {strings.Replace(bank, "verify_key = \"04\"\n", "", 1), "line 1: partner[1].verify_key: is missing"},
		"no user":           {strings.Replace(bank, "user = \"onecard\"\n", "", 1), "line 1: partner[1].user: is missing"},
		"login keys":        {bank + "login_keys = \"ssh-ed25519 AAAA\"\n", "line 9: partner[1].login_keys: must be a list of texts"},
		"login key":         {bank + "login_keys = [1]\n", "line 9: partner[1].login_keys: must be a list of texts"},
		"one layout":        {bank + "layouts = \"rural-acctreq\"\n", "line 9: partner[1].layouts: must be a list of texts"},
		"two ways":          {bank + "login_keys = [\"ssh-ed25519 AAAA\"]\n", "line 5: partner[1].address: is for a partner's own server"},
		"small packets":     {bank + "[partner.server]\npacket = 10\n", "partner[1].server.packet: must be within 1024 and 261120"},
		"some manifests":    {bank + "[partner.server]\nmanifests = \"some\"\n", "partner[1].server.manifests: must be \"none\""},
		"read twice":        {bank + "[partner.server]\nread_once = 2\n", "partner[1].server.read_once: must be true or false"},
		"gateway's address": {"[gateway]\nlisten = \"8022\"\n", "line 2: gateway.listen: must be host:port"},
		"gateway's quota":   {"[gateway]\nquota_files = 0\n", "line 2: gateway.quota_files: must be at least 1"},
		"address":           {strings.Replace(bank, "sftp.example:22", "sftp.example", 1), "line 5: partner[1].address: must be host:port"},
		"port":              {"[temporal]\naddress = \"127.0.0.1:99999\"\n", "line 2: temporal.address: must be host:port"},
		"batch too large":   {"[issuance]\nbatch_rows = 20001\n", "line 2: issuance.batch_rows: must be within 1 and 20000"},
		"canary rows":       {"[issuance]\ncanary_rows = -1\n", "line 2: issuance.canary_rows: must be within 0 and 20000"},
		"canary threshold":  {"[issuance]\ncanary_threshold = 5\n", "line 2: issuance.canary_threshold: must be within 0 and 1"},
		"money file":        {"[payout]\nbatch_rows = 20001\n", "line 2: payout.batch_rows: must be within 1 and 20000"},
		"payout canary":     {"[payout]\ncanary_rows = 30000\n", "line 2: payout.canary_rows: must be within 0 and 20000"},
		"payout threshold":  {"[payout]\ncanary_threshold = -1\n", "line 2: payout.canary_threshold: must be within 0 and 1"},
		"payout batches":    {"[payout]\nconcurrency = 0\n", "line 2: payout.concurrency: must be within 1 and 64"},
		"payout remakes":    {"[payout]\nremakes = 1\n", "line 2: payout.remakes: is not a setting"},
		"remakes":           {"[issuance]\nremakes = 10\n", "line 2: issuance.remakes: must be within 0 and 9"},
		"two URLs":          {"[ledger]\nurl = \"postgres://h/d\"\ndatabase_url_file = \"f\"\n", "line 2: ledger.url: only one of"},
		"another database":  {"[ledger]\nurl = \"mysql://h/d\"\n", "line 2: ledger.url: must begin with postgres://"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := load(t, tc.text)
			require.ErrorContains(t, err, tc.says)
			require.Equal(t, card.Invalid, card.KindOf(err))
		})
	}
}

func TestAllFaultsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	_, _, err := load(t, "[issuance]\nremakes = -1\nbatch_rows = 0\n")
	require.ErrorContains(t, err, "line 2: issuance.remakes")
	require.ErrorContains(t, err, "line 3: issuance.batch_rows")
}

func TestPasswordsAreRefusedAndNotShown(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"postgres://u:swordfish@h/d", "postgres://u@h/d?password=swordfish", "postgres://u:swordfish@h:port/d"} {
		_, _, err := load(t, fmt.Sprintf("[ledger]\nurl = %q\n", url))
		require.ErrorContains(t, err, "line 2: ledger.url")
		require.NotContains(t, err.Error(), "swordfish")
	}
}

func TestDatabaseURL(t *testing.T) {
	t.Parallel()
	c, dir, err := load(t, "[ledger]\ndatabase_url_file = \"url\"\n")
	require.NoError(t, err)
	_, err = c.Ledger.DatabaseURL()
	require.ErrorIs(t, err, os.ErrNotExist)

	require.NoError(t, os.WriteFile(filepath.Join(dir, "url"), []byte("postgres://u:swordfish@h/d\n"), 0o600))
	url, err := c.Ledger.DatabaseURL()
	require.NoError(t, err)
	require.Equal(t, "postgres://u:swordfish@h/d", url)

	url, err = config.Ledger{URL: "postgres://h/d"}.DatabaseURL()
	require.NoError(t, err)
	require.Equal(t, "postgres://h/d", url)
}

func TestMissingFile(t *testing.T) {
	t.Parallel()
	_, err := config.Load(filepath.Join(t.TempDir(), "onecard.toml"))
	require.Equal(t, card.NotFound, card.KindOf(err))
}
