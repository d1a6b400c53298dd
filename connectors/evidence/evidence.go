// Package evidence writes and checks evidence packs: one archive that proves a subsidy rollout to somebody who has neither the hub
// nor its ledger.
//
// A pack is a ZIP archive. MANIFEST, its last entry but one, names every entry before it with size and SM3; MANIFEST.sig is the
// hub's SM2 signature over MANIFEST. The archive's comment is the seal: a signature of the same key over every byte before the
// comment, so that a change of any byte of the archive shows, also of one that no entry reads. Both are streamed: memory does not
// grow with the rows.
package evidence

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
)

// ReadMe is the entry that says in words what is inside.
const ReadMe = "README.txt"

// The folders of archived raw bytes, which only packs have that were made with them.
const (
	FilesOut = "files/out/"
	FilesIn  = "files/in/"
)

// The entries of a pack that are read. Those that end in jsonl hold one JSON object a line.
const (
	entryRollout        = "rollout.json"
	entryRules          = "rules.txt" // programme, period and rules as they were hashed
	entryApprovals      = "approvals.json"
	entryRows           = "rows.jsonl"
	entryRefusals       = "refusals.jsonl"
	entryFiles          = "files.jsonl"
	entryReconciliation = "reconciliation.json"
	entryExceptions     = "exceptions.jsonl"
	entryAudit          = "audit.jsonl"
	entryManifest       = "MANIFEST"
	entrySignature      = "MANIFEST.sig"
)

// needed are the entries without which nothing is proved.
var needed = []string{
	ReadMe, entryRollout, entryRules, entryApprovals, entryRows, entryRefusals, entryFiles, entryReconciliation, entryExceptions,
	"samples.json", "timeline.jsonl", entryAudit,
}

// Key signs packs for the hub.
type Key interface {
	// Sign returns the SM2 signature (ASN.1) of text, with the default user ID.
	Sign(text []byte) ([]byte, error)
	// PublicKey returns the key by which signatures are checked: the uncompressed point in hex.
	PublicKey() (string, error)
}

// sealLength is the length of every seal; what the signature leaves is blanks.
const sealLength = 352

const sealForm = "onecard-evidence-1 key=%s signature=%x"

// sealText is what a seal signs: the digest of everything before it.
func sealText(digest []byte) []byte { return fmt.Appendf(nil, "onecard evidence pack %x\n", digest) }

func printSeal(key string, signature []byte) string {
	return fmt.Sprintf("%-*s", sealLength, fmt.Sprintf(sealForm, key, signature))
}

// parseSeal reads a seal; one that is not written exactly as printSeal does is none.
func parseSeal(text string) (key string, signature []byte, ok bool) {
	rest, found := strings.CutPrefix(text, "onecard-evidence-1 key=")
	key, digits, split := strings.Cut(strings.TrimRight(rest, " "), " signature=")
	signature, err := hex.DecodeString(digits)
	return key, signature, found && split && err == nil && printSeal(key, signature) == text
}

// signedBy says whether the key, a point in hex, has signed text.
func signedBy(key string, text, signature []byte) bool {
	point, err := hex.DecodeString(key)
	if err != nil {
		return false
	}
	public, err := sm2.NewPublicKey(point)
	return err == nil && sm2.VerifyASN1WithSM2(public, nil, text, signature)
}

func digestOf(text []byte) string {
	sum := sm3.Sum(text)
	return hex.EncodeToString(sum[:])
}
