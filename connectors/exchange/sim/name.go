package sim

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// FileName is the name of an exchange file in its parts: <PARTNER>_<KIND>_<YYYYMMDD>_<SEQ6>.txt.
type FileName struct {
	Partner string
	Kind    string
	Date    string // YYYYMMDD in Asia/Shanghai
	Seq     int    // from 1
}

var fileName = regexp.MustCompile(`\A([A-Z0-9]{2,16})_([A-Z]{3,12})_([0-9]{8})_([0-9]{6})\.txt\z`)

// ParseFileName reads a bare file name; anything that is not exactly of the form, dates included, is an error.
func ParseFileName(s string) (FileName, error) {
	m := fileName.FindStringSubmatch(s)
	if m == nil {
		return FileName{}, &Refusal{Code: "FILE_NAME"}
	}
	if _, err := time.Parse("20060102", m[3]); err != nil {
		return FileName{}, &Refusal{Code: "FILE_NAME", Detail: "date"}
	}
	seq, err := strconv.Atoi(m[4])
	if err != nil || seq == 0 {
		return FileName{}, &Refusal{Code: "FILE_NAME", Detail: "sequence"}
	}
	return FileName{Partner: m[1], Kind: m[2], Date: m[3], Seq: seq}, nil
}

// String puts the name together again.
func (n FileName) String() string {
	return fmt.Sprintf("%s_%s_%s_%06d.txt", n.Partner, n.Kind, n.Date, n.Seq)
}

// Answer is the name of the answer of the given kind: same partner, date and sequence.
func (n FileName) Answer(kind string) FileName {
	n.Kind = kind
	return n
}
