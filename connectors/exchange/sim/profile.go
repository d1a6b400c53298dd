package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Profile is how a real partner's server departs from an obliging one. The zero value departs in nothing.
type Profile struct {
	Name  string
	About string // one line for people

	NoPosixRename  bool          // the extension is not offered
	NoReplace      bool          // no rename replaces a file, whatever the client asks for
	WriteOnce      bool          // a file that exists is not opened for writing again
	ReadOnce       Reading       // what becomes of a file that was read to its end
	NoMoves        bool          // what lies in the outbox cannot be renamed
	OneFile        bool          // one file of the account is open at a time
	OneConnection  bool          // one connection of the account at a time
	Operations     int           // a connection ends after so many requests; 0 for never
	Packet         int           // bytes that one read answers, and that one write may bring, at most; 0 for 32 KiB
	Crowd          int           // entries of others in every listing
	Page           time.Duration // pause before each hundred entries of a listing
	Clock          Clock         // what the server's times are worth
	Upper          bool          // names are kept in capitals
	Padded         bool          // names are filled up with spaces
	NoLstat        bool          // the request LSTAT is unknown
	NoStat         bool          // nothing describes a file but a listing
	NoSetstat      bool          // the request SETSTAT is unknown
	SizeLate       bool          // a file has size 0 until its writer has closed it
	InPieces       bool          // the partner writes answers under their final names, piece by piece
	NoManifests    bool          // the partner knows no manifests, of the hub's files neither
	HostKeyChanged bool          // the server shows another host key than the partner has announced
	Faults         []Fault       // armed from the start
	Door           Door          // who is let in, and to what
	Overlooks      []string      // refusals that are not made, by code or by code and place: the file is put away without a word
	Forgetful      bool          // what comes again is dealt with again
	Mangles        bool          // every row of an answer repeats the first row's first field
	Curt           bool          // notices of refusals give the reason only
	Strict         []string      // what is harmless and refused all the same: of StrictEmpty, StrictRow, StrictReceipt
}

// What a strict partner refuses without need.
const (
	StrictEmpty   = "empty"   // files without rows
	StrictRow     = "row"     // rows repeated word for word
	StrictReceipt = "receipt" // receipts
)

func (p *Profile) refuses(harmless string) bool { return slices.Contains(p.Strict, harmless) }

func (p *Profile) overlooks(r *Refusal) bool {
	return slices.Contains(p.Overlooks, r.Code) || slices.Contains(p.Overlooks, r.Error())
}

// Reading says what becomes of a file once it has been read to its end and closed.
type Reading string

// What servers do with files that were read.
const (
	ReadVanishes Reading = "vanishes" // the file is gone
	ReadDenies   Reading = "denies"   // the file stays in the listing and is not opened again
)

// Clock says what a server's times are worth.
type Clock string

// Clocks of servers.
const (
	ClockZero   Clock = "zero"   // all files are of 1970
	ClockFuture Clock = "future" // a month ahead
	ClockLocal  Clock = "local"  // Beijing time passed off as UTC
)

// profiles are the servers that partners really have.
var profiles = []Profile{
	{Name: "no-posix-rename", NoPosixRename: true, About: "only the plain rename, which refuses a taken name"},
	{Name: "no-replace", NoReplace: true, About: "offers posix-rename, and then refuses to replace a file with it"},
	{Name: "write-once", NoReplace: true, WriteOnce: true, About: "nothing that exists is ever written or replaced"},
	{Name: "read-once", ReadOnce: ReadVanishes, About: "a file is gone once it was read"},
	{Name: "read-once-denied", ReadOnce: ReadDenies, NoMoves: true, About: "a file stays, unmovable, but is not opened twice"},
	{Name: "no-moves", NoMoves: true, About: "nothing in the outbox can be renamed"},
	{Name: "one-file", OneFile: true, About: "one file open at a time"},
	{Name: "one-session", OneConnection: true, About: "one connection at a time"},
	{Name: "hangs-up", Operations: 60, About: "the connection ends after 60 requests"},
	{Name: "small-packets", Packet: 4 << 10, About: "reads and writes of at most 4 KiB"},
	{Name: "slow-listing", Crowd: 3000, Page: 20 * time.Millisecond, About: "listings of thousands of entries that take a second"},
	{Name: "mtime-zero", Clock: ClockZero, About: "every file is of 1970"},
	{Name: "mtime-future", Clock: ClockFuture, About: "every file is of next month"},
	{Name: "mtime-local", Clock: ClockLocal, About: "times of files are local ones that pass for UTC"},
	{Name: "upper-case", Upper: true, About: "names are kept in capitals, and found in capitals only"},
	{Name: "padded-names", Padded: true, About: "names end in spaces"},
	{Name: "no-lstat", NoLstat: true, NoSetstat: true, About: "neither LSTAT nor SETSTAT"},
	{Name: "no-stat", NoLstat: true, NoStat: true, NoSetstat: true, About: "files are described by listings only"},
	{Name: "no-manifests", NoManifests: true, About: "no manifests, in neither direction"},
	{Name: "grows", NoManifests: true, InPieces: true, About: "no manifests, and answers grow under their final names"},
	{Name: "size-late", NoManifests: true, InPieces: true, SizeLate: true, About: "as grows, and the size is 0 while a file is written"},
	{Name: "quota-full", Faults: []Fault{{Op: OpWrite, Name: "*.tmp", Do: Fail, Bytes: 200, Times: 3}},
		About: "the first three uploads break off with a plain failure, until somebody has made room"},
	{Name: "host-key-changed", HostKeyChanged: true, About: "another host key than was announced"},
}

// Profiles returns all profiles, in the order in which they are explained.
func Profiles() []Profile { return slices.Clone(profiles) }

// ProfileNamed returns the profile of that name; the empty name is that of an obliging partner.
func ProfileNamed(name string) (Profile, error) {
	if name == "" {
		return Profile{}, nil
	}
	known := make([]string, len(profiles))
	for i, p := range profiles {
		if p.Name == name {
			return p, nil
		}
		known[i] = p.Name
	}
	return Profile{}, fmt.Errorf("profile %q is unknown; there are %s", name, strings.Join(known, " "))
}

// Terms are what a partner with this server must tell the hub, for the hub cannot find it out on the wire. They are part of
// the partner's card.
type Terms struct {
	Manifests  string `json:"manifests,omitempty"`   // "none" when there are none
	Packet     int    `json:"packet,omitempty"`      // bytes of one read or write
	ReadOnce   bool   `json:"read_once,omitempty"`   // no file is read twice
	LooseNames bool   `json:"loose_names,omitempty"` // names come in capitals or with spaces at their ends
	OneAtATime bool   `json:"one_at_a_time,omitempty"`
}

// Terms returns what the hub must be told.
func (p Profile) Terms() Terms {
	t := Terms{
		Packet: p.Packet, ReadOnce: p.ReadOnce != "", LooseNames: p.Upper || p.Padded,
		OneAtATime: p.OneFile || p.OneConnection,
	}
	if p.NoManifests {
		t.Manifests = "none"
	}
	return t
}
