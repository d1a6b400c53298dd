package card

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// FileKind is the kind of an exchanged file, as it stands in its name and in its first line.
type FileKind string

// The kinds of files of a card batch and of a payout, and who sends them to whom.
const (
	MatchReq FileKind = "MATCHREQ" // hub to civil affairs: do these people exist?
	MatchRet FileKind = "MATCHRET" // the answer
	AcctReq  FileKind = "ACCTREQ"  // hub to bank: open accounts
	AcctRet  FileKind = "ACCTRET"  // the answer
	CardReq  FileKind = "CARDREQ"  // hub to bureau: make cards
	CardRet  FileKind = "CARDRET"  // the answer
	Dispatch FileKind = "DISPATCH" // hub to outlets: these cards are on their way
	Report   FileKind = "REPORT"   // outlets to hub, unsolicited: arrivals, hand-overs, returns
	ActReq   FileKind = "ACTREQ"   // hub to bank: activate accounts
	ActRet   FileKind = "ACTRET"   // the answer
	AcctEnq  FileKind = "ACCTENQ"  // hub to bank: what became of these account requests?
	AcctEnr  FileKind = "ACCTENR"  // the answer
	PayReq   FileKind = "PAYREQ"   // hub to bank: pay these amounts to these cards
	PayRet   FileKind = "PAYRET"   // the answer: paid, or returned (退票) and why
	PayEnq   FileKind = "PAYENQ"   // hub to bank: what became of these instructions?
	PayEnr   FileKind = "PAYENR"   // the answer
	PayBack  FileKind = "PAYBACK"  // bank to hub, unsolicited: paid, and come back since (退票)
	FundReq  FileKind = "FUNDREQ"  // hub to bank: block, release or tell the money of a payer's account
	FundRet  FileKind = "FUNDRET"  // the answer
	AcctQry  FileKind = "ACCTQRY"  // hub to bank: what state are these accounts in?
	AcctSta  FileKind = "ACCTSTA"  // the answer
	PayList  FileKind = "PAYLIST"  // department to hub, by whatever way: the roster of a subsidy
)

var answers = map[FileKind]FileKind{
	MatchReq: MatchRet, AcctReq: AcctRet, CardReq: CardRet, ActReq: ActRet, AcctEnq: AcctEnr,
	PayReq: PayRet, PayEnq: PayEnr, FundReq: FundRet, AcctQry: AcctSta,
}

// Answer returns the kind of the file that answers a file of kind k, or an empty kind when none does.
func (k FileKind) Answer() FileKind { return answers[k] }

// MaxSeq is the highest sequence number that a file name can carry.
const MaxSeq = 999999

// File is the identity of an exchanged file: Partner as [A-Z0-9]{2,16}, Kind as [A-Z]{3,12}, Date the business date
// YYYYMMDD in Asia/Shanghai, Seq from 1 to MaxSeq per partner, kind and date.
type File struct {
	Partner string
	Kind    FileKind
	Date    string
	Seq     int
}

// Name returns the file's name, such as ICBC_ACCTREQ_20261121_000017.txt.
func (f File) Name() string {
	return fmt.Sprintf("%s_%s_%s_%06d.txt", f.Partner, string(f.Kind), f.Date, f.Seq)
}

// Answer returns the file of the given kind that answers f: same partner, date and sequence.
func (f File) Answer(kind FileKind) File {
	f.Kind = kind
	return f
}

var errFileName = errors.New("not <PARTNER>_<KIND>_<YYYYMMDD>_<SEQ6>.txt")

// ParseFileName reads a file's name and accepts exactly what Name writes; anything else, and so every path, is an Invalid
// Error with FILE_NAME. The error does not repeat the name.
func ParseFileName(s string) (File, error) {
	fail := func() (File, error) { return File{}, E(Invalid, "parse file name", ReasonFileName, errFileName) }
	stem, ok := strings.CutSuffix(s, ".txt")
	parts := strings.Split(stem, "_")
	if !ok || len(s) > 64 || len(parts) != 4 {
		return fail()
	}
	partner, kind, date, seq := parts[0], parts[1], parts[2], parts[3]
	if !only(partner, 2, 16, isUpperOrDigit) || !only(kind, 3, 12, isUpper) || !only(seq, 6, 6, isDigit) {
		return fail()
	}
	n, err := strconv.Atoi(seq)
	if err != nil || n == 0 || !validDate(date) {
		return fail()
	}
	return File{Partner: partner, Kind: FileKind(kind), Date: date, Seq: n}, nil
}

// Manifest is what the .ok file says about a data file. Size is in bytes, Rows counts the detail rows, TotalFen is the
// money in them (0 for files without money), SM3 the digest of the bytes in 64 lower-case hex characters.
type Manifest struct {
	Name     string
	Layout   string // such as ACCTREQ/1
	Date     string // YYYYMMDD
	Sequence int
	Size     int64
	Rows     int
	TotalFen int64
	SM3      string
}

// Proof says that a file arrived whole: the partner's server showed RemoteSize bytes with the manifest's digest at
// ConfirmedAt.
type Proof struct {
	Manifest
	RemoteSize  int64
	ConfirmedAt time.Time
	// SizeOnly makes it a weaker one: the partner's server lets nobody read a file twice, so the name and the size of what
	// it stored were seen, but not the digest. The partner's own check of the manifest is what remains.
	SizeOnly bool
	// Refused are the rows that were left out of the file because it cannot carry them, by Ref and each with its reason.
	Refused []Finding
}
