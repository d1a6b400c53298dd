package sim

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Deposit writes into the file at path, which a bank reads, that so much was paid into a payer's account.
func Deposit(path, account string, fen int64) error {
	if account == "" || len(account) > 32 || strings.Trim(account, "0123456789") != "" || fen <= 0 {
		return errors.New("deposit: an account of at most 32 digits, and fen above 0")
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // the operator names the folder
	if err != nil {
		return fmt.Errorf("deposit: %w", err)
	}
	_, err = fmt.Fprintf(f, "%s,%d\n", account, fen)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("deposit: %w", err)
	}
	return nil
}

// DepositsAt has the bank look, before each request about payers' money, what was paid in by Deposit. It is called before any request.
func (b *Bank) DepositsAt(path string) { b.till.deposits = path }

// takeDeposits puts into the accounts what was paid in since the last look. Lines that make no sense are passed over, and so are
// accounts that the bank does not keep.
func (t *till) takeDeposits() {
	f, err := os.Open(t.deposits)
	if err != nil {
		return
	}
	defer f.Close() //nolint:errcheck // it was only read
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	lines, _ := r.ReadAll()
	for n, line := range lines {
		if n < t.taken || len(line) != 2 {
			continue
		}
		balance, known := t.kept.accounts[line[0]]
		if fen, err := strconv.ParseInt(line[1], 10, 64); known && err == nil && fen > 0 {
			t.kept.accounts[line[0]] = balance + fen
		}
	}
	t.taken = len(lines)
}
