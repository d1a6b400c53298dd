package card

import "time"

// Survey is what lies in a partner's outbox, looked at all at once.
type Survey struct {
	Ready      []File   // can be collected
	NoManifest []File   // data files without their manifest, where there must be one
	NoData     []File   // manifests without their data file
	Notices    []File   // files of ours about which the partner has left a notice that it refuses them
	Strays     []string // names that are none of the exchange, as the partner wrote them
}

// FileStanding is how a file that lies at a partner stands in the ledger.
type FileStanding uint8

// How a file may stand.
const (
	FileUnexpected FileStanding = iota // nobody waits for it
	FileAwaited                        // somebody collects it
	FileApplied                        // it, or another edition of it, was applied
)

// Stray is a file whose name is none of the exchange.
type Stray struct {
	File    File   // the hub's own name for it
	Called  string // the shape of the partner's name for it
	Since   time.Time
	Settled bool // it was refused already
}
