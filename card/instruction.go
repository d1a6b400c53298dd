package card

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Instruction numbers are the business keys of credits: <rollout>.<row>.<version> such as R20261121-001.0000123.1, row 123 of
// the rollout's roster with seven digits, and which try it is, from 1. A bank pays each number once. A try after a return
// has the next version and never the same number.

// MaxInstructionRow is the highest row, and MaxInstructionVersion the highest version, that an instruction number can carry.
const (
	MaxInstructionRow     = 9_999_999
	MaxInstructionVersion = 99
)

// InstructionParts is what an instruction number says.
type InstructionParts struct {
	Rollout RolloutID
	Row     int // from 1
	Version int // from 1
}

var errInstruction = errors.New("not <rollout>.<seven-digit row>.<version>")

// NewInstruction returns the number of a row's version-th payment. Row and version must be from 1 to their maxima.
func NewInstruction(rollout RolloutID, row, version int) string {
	return fmt.Sprintf("%s.%07d.%d", string(rollout), row, version)
}

// ParseInstruction takes a number apart; anything but what NewInstruction writes is an Invalid Error.
func ParseInstruction(s string) (InstructionParts, error) {
	fields := strings.Split(s, ".")
	if len(fields) != 3 || !only(fields[1], 7, 7, isDigit) || !only(fields[2], 1, 2, isDigit) {
		return InstructionParts{}, E(Invalid, "parse instruction", "", errInstruction)
	}
	row, _ := strconv.Atoi(fields[1]) // digits
	version, _ := strconv.Atoi(fields[2])
	p := InstructionParts{Rollout: RolloutID(fields[0]), Row: row, Version: version}
	if !p.Rollout.Valid() || row == 0 || version == 0 || NewInstruction(p.Rollout, row, version) != s {
		return InstructionParts{}, E(Invalid, "parse instruction", "", errInstruction)
	}
	return p, nil
}

// FundOrderNumber returns the number of a rollout's n-th order of an action on the payer's account at one bank, such as
// R20261121-001.ICBC.B01: n from 1 to 99, unique for ever. Banks pay the instructions of a rollout out of the blocks whose
// numbers begin with that rollout and a dot.
func FundOrderNumber(rollout RolloutID, partner string, action FundAction, n int) string {
	return fmt.Sprintf("%s.%s.%s%02d", string(rollout), partner, string(action), n)
}
