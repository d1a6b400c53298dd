package conformance_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"onecard/card"
	"onecard/connectors/conformance"
	"onecard/connectors/exchange/sim"
)

// overlooking is a bank that does not refuse what it should.
func overlooking(refusals ...string) scene {
	return profiled(sim.Profile{Overlooks: refusals})
}

func profiled(p sim.Profile) scene {
	return scene{kind: card.AcctReq, office: bank, partner: sim.PartnerConfig{Profile: p}}
}

func behindDoor(d sim.Door) scene { return profiled(sim.Profile{Door: d}) }

func ruled(rule string) scene {
	return scene{kind: card.AcctReq, office: bank, rules: "[[rule]]\npartner = \"ICBC/test\"\nkind = \"ACCTREQ\"\n" + rule,
		options: func(o *conformance.Options) { o.Wait = 1500 * time.Millisecond }}
}

func faulty(f sim.Fault) scene {
	return scene{kind: card.AcctReq, office: bank, faults: []sim.Fault{f}}
}

func (s scene) believing(change func(*conformance.Subject)) scene {
	s.subject = change
	return s
}

func (s scene) arranged(arrange func(t *testing.T, root string)) scene {
	s.arrange = arrange
	return s
}

func profileNamed(name string) sim.Profile {
	p, err := sim.ProfileNamed(name)
	if err != nil {
		panic(err) // a slip in this file
	}
	return p
}

// hurried wants listings within a moment, and does not wait long.
func (s scene) hurried() scene {
	s.options = func(o *conformance.Options) { o.List, o.Wait = 100*time.Millisecond, 3*time.Second }
	return s
}

// fill makes a file, or a folder where name ends in a stroke, in a partner's account.
func fill(t *testing.T, root, name string) {
	t.Helper()
	path := filepath.Join(root, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte("x"), 0o600))
}

// oldHostKey gives the server a short RSA key before it makes one of its own.
func oldHostKey(t *testing.T, root string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	block, err := ssh.MarshalPrivateKey(key, "")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(root), "ssh_host_ed25519_key"), pem.EncodeToMemory(block), 0o600))
}

// misbehaviours are partners that each do something wrong, and the checks that find it.
var misbehaviours = map[string]struct {
	scene scene
	fails []string
}{
	"nobody listens": {scene{kind: card.AcctReq, office: bank}.believing(func(s *conformance.Subject) { s.Endpoint.Address = "127.0.0.1:1" }),
		[]string{"DOOR_REACHED"}},
	"old algorithms only":  {behindDoor(sim.Door{OldOnly: true}), []string{"DOOR_ALGORITHMS"}},
	"another host key":     {profiled(sim.Profile{HostKeyChanged: true}), []string{"DOOR_HOST_KEY"}},
	"short host key":       {profiled(sim.Profile{}).arranged(oldHostKey), []string{"DOOR_KEY_STRENGTH"}},
	"another account":      {profiled(sim.Profile{}).believing(func(s *conformance.Subject) { s.Endpoint.User = "somebody" }), []string{"DOOR_LOGIN"}},
	"no SFTP":              {behindDoor(sim.Door{NoSFTP: true}), []string{"DOOR_SFTP"}},
	"old algorithms too":   {behindDoor(sim.Door{Old: true}), []string{"DOOR_OLD_ALGORITHMS"}},
	"any key":              {behindDoor(sim.Door{AnyKey: true}), []string{"DOOR_OTHER_KEY", "DOOR_OTHER_USER"}},
	"passwords":            {behindDoor(sim.Door{Password: true}), []string{"DOOR_PASSWORD"}},
	"open door":            {behindDoor(sim.Door{Open: true}), []string{"DOOR_NO_AUTH", "DOOR_OTHER_KEY", "DOOR_OTHER_USER", "DOOR_PASSWORD"}},
	"any account":          {behindDoor(sim.Door{AnyUser: true}), []string{"DOOR_OTHER_USER"}},
	"a shell":              {behindDoor(sim.Door{Shell: true}), []string{"DOOR_NO_SHELL"}},
	"a tunnel":             {behindDoor(sim.Door{Tunnel: true}), []string{"DOOR_NO_TUNNEL"}},
	"no test folders":      {scene{kind: card.AcctReq, office: bank, noTrials: true}, []string{"FOLDER_TEST"}},
	"the whole machine":    {profiled(sim.Profile{}).arranged(func(t *testing.T, root string) { fill(t, root, "etc/passwd") }), []string{"FOLDER_JAIL"}},
	"cannot be written":    {faulty(sim.Fault{Op: sim.OpWrite, Do: sim.Refuse, Name: "*_TRYWRITE_*"}), []string{"FOLDER_WRITE"}},
	"cannot be renamed":    {faulty(sim.Fault{Op: sim.OpRename, Do: sim.Refuse, Name: "*_TRYRENAME_*"}), []string{"FOLDER_RENAME"}},
	"cannot be read":       {faulty(sim.Fault{Op: sim.OpRead, Do: sim.Refuse, Name: "*_TRYREAD_*"}), []string{"PUBLISH_READ_BACK"}},
	"cannot hold bytes":    {faulty(sim.Fault{Op: sim.OpRead, Do: sim.Refuse, Name: "*_TRYBYTES_*"}), []string{"PUBLISH_BINARY"}},
	"full":                 {faulty(sim.Fault{Op: sim.OpWrite, Do: sim.Fail, Name: "*_TRYLARGE_*", Bytes: 100_000}), []string{"PUBLISH_LARGE"}},
	"writes once":          {profiled(sim.Profile{WriteOnce: true}), []string{"PUBLISH_RESUME"}},
	"no posix-rename":      {profiled(profileNamed("no-posix-rename")), []string{"PUBLISH_POSIX_RENAME"}},
	"no replacing":         {profiled(profileNamed("no-replace")), []string{"PUBLISH_REPLACE"}},
	"capitals":             {profiled(profileNamed("upper-case")), []string{"GOOD_ANSWERED", "GOOD_PUBLISHED", "GOOD_TAKEN", "NAME_KEPT"}},
	"packets":              {profiled(profileNamed("small-packets")), []string{"CONTENT_LONG_LINE", "HABIT_PACKET", "PUBLISH_LARGE"}},
	"hangs up":             {profiled(sim.Profile{Operations: 280}), []string{"HABIT_STAYS"}},
	"times of 1970":        {profiled(profileNamed("mtime-zero")), []string{"HABIT_MTIME"}},
	"no LSTAT":             {profiled(profileNamed("no-lstat")), []string{"HABIT_STAT"}},
	"declared in vain":     {profiled(sim.Profile{}).believing(func(s *conformance.Subject) { s.Endpoint.LooseNames = true }), []string{"HABIT_DECLARED"}},
	"any name":             {overlooking("FILE_NAME"), []string{"NAME_DATE", "NAME_FOREIGN", "NAME_SEQUENCE"}},
	"any day":              {overlooking("FILE_NAME: date"), []string{"NAME_DATE"}},
	"sequence zero":        {overlooking("FILE_NAME: sequence"), []string{"NAME_SEQUENCE"}},
	"others' files":        {overlooking("PARTNER_UNKNOWN"), []string{"NAME_OTHER_PARTNER"}},
	"any kind":             {overlooking("FILE_LAYOUT: kind NOTHING"), []string{"NAME_KIND"}},
	"any signature":        {overlooking("FILE_SIGNATURE"), []string{"MANIFEST_OTHER_KEY", "MANIFEST_SIGNATURE"}},
	"any digest":           {overlooking("FILE_DIGEST"), []string{"MANIFEST_DIGEST"}},
	"any size":             {overlooking("FILE_SIZE"), []string{"CONTENT_NO_TRAILER", "CONTENT_TRUNCATED", "MANIFEST_SIZE"}},
	"any rows":             {overlooking("FILE_ROWS"), []string{"CONTENT_ROW_MISSING", "CONTENT_TRAILER_ROWS", "MANIFEST_ROWS"}},
	"any total":            {overlooking("FILE_TOTAL"), []string{"CONTENT_TRAILER_TOTAL", "MANIFEST_TOTAL"}},
	"manifest's name":      {overlooking("FILE_MANIFEST: key name"), []string{"MANIFEST_NAME", "MANIFEST_ORDER"}},
	"manifest's layout":    {overlooking("FILE_MANIFEST: key layout"), []string{"MANIFEST_LAYOUT"}},
	"manifest's date":      {overlooking("FILE_MANIFEST: key date"), []string{"MANIFEST_DATE"}},
	"manifest's sequence":  {overlooking("FILE_MANIFEST: key sequence"), []string{"MANIFEST_SEQUENCE"}},
	"manifest's version":   {overlooking("FILE_MANIFEST: key manifest"), []string{"MANIFEST_VERSION"}},
	"manifest's zeros":     {overlooking("FILE_MANIFEST: key rows"), []string{"MANIFEST_ZEROS"}},
	"manifest's end":       {overlooking("FILE_MANIFEST: more after the signature"), []string{"MANIFEST_MORE"}},
	"any bytes":            {overlooking("FILE_ENCODING: line 3"), []string{"CONTENT_ENCODING"}},
	"control characters":   {overlooking("FILE_ENCODING: line 4"), []string{"CONTENT_CONTROL"}},
	"more than all":        {overlooking("FILE_LAYOUT: more after the last line"), []string{"CONTENT_MORE"}},
	"too few fields":       {overlooking("FILE_LAYOUT: line 5"), []string{"CONTENT_FIELDS"}},
	"zeros in numbers":     {overlooking("FILE_LAYOUT: line 7"), []string{"CONTENT_REF_ZEROS"}},
	"numbers twice":        {overlooking("FILE_REPEATED_ROW: line 6"), []string{"CONTENT_REF_TWICE"}},
	"numbers back":         {overlooking("FILE_REPEATED_ROW: line 9"), []string{"CONTENT_REF_DESCENDS"}},
	"long lines":           {overlooking("FILE_LINE_LENGTH"), []string{"CONTENT_LONG_LINE"}},
	"any first line":       {overlooking("FILE_LAYOUT: first line"), []string{"CONTENT_HEADER_KIND", "CONTENT_HEADER_NAME", "CONTENT_REPEATED"}},
	"silent":               {ruled(`do = "silent"`), []string{"GOOD_ANSWERED"}},
	"signed by another":    {profiled(sim.Profile{}).believing(otherSigner), []string{"ANSWER_GENUINE"}},
	"rows in disorder":     {ruled(`do = "reorder"`), []string{"ANSWER_LAYOUT"}},
	"rows left out":        {ruled("do = \"omit\"\nshare = 0.5"), []string{"ANSWER_COMPLETE"}},
	"rare characters":      {ruled("do = \"refuse\"\ncode = \"E03\"\nshare = 0.5"), []string{"ANSWER_RARE"}},
	"nothing can be moved": {profiled(profileNamed("no-moves")), []string{"ANSWER_MOVED"}},
	"no empty files":       {profiled(sim.Profile{Strict: []string{sim.StrictEmpty}}), []string{"GOOD_EMPTY"}},
	"no row twice":         {profiled(sim.Profile{Strict: []string{sim.StrictRow}}), []string{"GOOD_ROW_TWICE"}},
	"no receipts":          {profiled(sim.Profile{Strict: []string{sim.StrictReceipt}}), []string{"GOOD_RECEIPT"}},
	"forgetful":            {profiled(sim.Profile{Forgetful: true}), []string{"GOOD_REPEATED", "GOOD_SEQUENCE_REUSED"}},
	"any sequence":         {overlooking("FILE_SEQUENCE"), []string{"GOOD_SEQUENCE_REUSED"}},
	"a folder is missing":  {faulty(sim.Fault{Op: sim.OpList, Do: sim.Refuse, Name: "outbox", Times: 1}), []string{"FOLDER_REAL"}},
	"reads once":           {profiled(profileNamed("read-once-denied")), []string{"ANSWER_MOVED", "HABIT_READ_TWICE"}},
	"one connection":       {profiled(profileNamed("one-session")), []string{"HABIT_TWO_CONNECTIONS"}},
	"one file":             {profiled(profileNamed("one-file")), []string{"HABIT_TWO_FILES"}},
	"slow listings":        {profiled(sim.Profile{Page: 60 * time.Millisecond, Crowd: 100}).hurried(), []string{"HABIT_LISTING"}},
	"no manifests": {profiled(profileNamed("no-manifests")).hurried(), []string{
		"GOOD_ANSWERED", "GOOD_NO_MANIFEST", "MANIFEST_DATE", "MANIFEST_DIGEST", "MANIFEST_LAYOUT", "MANIFEST_MORE", "MANIFEST_NAME", "MANIFEST_ORDER",
		"MANIFEST_OTHER_KEY", "MANIFEST_ROWS", "MANIFEST_SEQUENCE", "MANIFEST_SIGNATURE", "MANIFEST_SIZE", "MANIFEST_TOTAL", "MANIFEST_VERSION", "MANIFEST_ZEROS"}},
	"mixed up rows": {profiled(sim.Profile{Mangles: true}), []string{"ANSWER_ECHO"}},
	"curt":          {profiled(sim.Profile{Curt: true}), []string{"NOTICE_COMPLETE"}},
}

func otherSigner(s *conformance.Subject) {
	s.Endpoint.VerifyKey = "0432c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"
}

func TestEachMisbehaviourIsFound(t *testing.T) {
	t.Parallel()
	for name, m := range misbehaviours {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := m.scene.run(t)
			if !slices.Equal(m.fails, failed(r)) {
				tell(t, r)
			}
			require.Equal(t, m.fails, failed(r))
			require.False(t, r.Green())
			requireChinese(t, r)
		})
	}
}

// requireChinese holds that a partner can read in Chinese what was found wrong; a word such as a fingerprint needs no language.
func requireChinese(t *testing.T, r conformance.Report) {
	t.Helper()
	for _, c := range r.Checks {
		if c.Outcome == conformance.Failed && strings.Contains(c.Found.ZH, " ") {
			require.True(t, strings.ContainsFunc(c.Found.ZH, func(r rune) bool { return unicode.Is(unicode.Han, r) }), "%s: %s", c.Code, c.Found.ZH)
		}
	}
}

// TestEveryCheckCanFail holds that there is a partner for every check that fails it.
func TestEveryCheckCanFail(t *testing.T) {
	t.Parallel()
	var found []string
	for _, m := range misbehaviours {
		found = append(found, m.fails...)
	}
	checks := conformance.Checks()
	require.GreaterOrEqual(t, len(checks), 40)
	for _, c := range checks {
		require.Contains(t, found, c.Code)
		for _, words := range []conformance.Words{c.Name, c.Did, c.Expected, c.Mend} {
			require.NotEmpty(t, words.ZH, c.Code)
			require.NotEmpty(t, words.EN, c.Code)
		}
	}
}
