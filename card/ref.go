package card

import (
	"errors"
	"fmt"
	"strings"
)

// RolloutID names a rollout: R, the business date on which it was created (Asia/Shanghai), and a running number,
// which does not begin anew with the day, such as R20261121-001.
type RolloutID string

// NewRolloutID makes the n-th rollout ID (from 1) of a business date YYYYMMDD.
func NewRolloutID(date string, n int) RolloutID {
	return RolloutID(fmt.Sprintf("R%s-%03d", date, n))
}

// Valid says whether id has the shape of a rollout ID.
func (id RolloutID) Valid() bool {
	s := string(id)
	return len(s) >= 13 && s[0] == 'R' && validDate(s[1:9]) && s[9] == '-' && validCounter(s[10:])
}

// BatchID names a batch: one city and one bank of a rollout, and a running number from 1.
type BatchID struct {
	Rollout RolloutID
	City    string // GB/T 2260 code
	Bank    string // CNAPS prefix
	Number  int
}

// String returns the batch as R20261121-001/440600/102/003.
func (b BatchID) String() string {
	return fmt.Sprintf("%s/%s/%s/%03d", string(b.Rollout), b.City, b.Bank, b.Number)
}

var errBatchID = errors.New("not ROLLOUT/CITY/BANK/NUMBER")

// ParseBatchID reads what String writes; anything else is an Invalid Error. City and bank are checked for their shape only.
func ParseBatchID(s string) (BatchID, error) {
	parts := strings.Split(s, "/")
	if len(parts) != 4 || !RolloutID(parts[0]).Valid() || !only(parts[1], 6, 6, isDigit) ||
		!only(parts[2], 3, 3, isDigit) || !validCounter(parts[3]) {
		return BatchID{}, E(Invalid, "parse batch", "", errBatchID)
	}
	return BatchID{Rollout: RolloutID(parts[0]), City: parts[1], Bank: parts[2], Number: number(parts[3])}, nil
}

// validCounter says whether s is a running number from 1 in three digits, or in more without a leading zero.
func validCounter(s string) bool {
	return only(s, 3, 9, isDigit) && number(s) > 0 && (len(s) == 3 || s[0] != '0')
}
