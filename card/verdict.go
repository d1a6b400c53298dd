package card

// Receipt is the kind of the hub's answer to a collected file: what became of it, and why. Its sequence is the hub's own,
// per partner and date; the file that it answers stands in its first line.
const Receipt FileKind = "RECEIPT"

// Outcome is what the hub made of a partner's file, as it stands in receipts.
type Outcome string

// The outcomes of a file.
const (
	Accepted       Outcome = "00" // applied whole
	AcceptedInPart Outcome = "01" // applied but for the rows that the receipt names
	RefusedWhole   Outcome = "02" // in quarantine; nothing of it was applied
)

// Verdict is what the hub says in a receipt about one edition of a partner's file: a corrected file under the same name is
// another edition.
type Verdict struct {
	File    File
	Called  string // for a file whose name is none of the exchange: the shape of what the partner called it
	SM3     string // of the bytes that were judged, 64 hex digits; of the manifest when only that was read; may be empty
	Outcome Outcome
	Whole   Finding   // about the file as a whole; of an accepted one its reason is empty or FILE_LATE
	Rows    []Finding // the rows that were refused, ascending
}

// Names tells whether the verdict answers a file by a name of the exchange.
func (v Verdict) Names() bool { return v.Called == "" }

// Request returns the kind of the file that a file of kind k answers, or an empty kind when it answers none.
func (k FileKind) Request() FileKind {
	for request, answer := range answers {
		if answer == k {
			return request
		}
	}
	return ""
}

// OwedReceipt is a receipt that a partner is owed, under the name that it keeps however often it is sent.
type OwedReceipt struct {
	File    File
	Verdict Verdict
}
