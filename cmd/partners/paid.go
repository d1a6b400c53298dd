package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	exchange "onecard/connectors/exchange/sim"
)

// inquest asks the books of all banks together what a rollout's payees have got.
type inquest struct {
	dir, rollout, output string
	seed                 maphash.Seed
	net                  map[uint64]int32 // credits less returns, by row
}

// paidSum is what banks have paid, in count and in fen; Net is Paid less Returned.
type paidSum struct {
	Bank        string `json:"bank"`
	Rollout     string `json:"rollout"`
	Paid        int64  `json:"paid"`
	PaidFen     int64  `json:"paid_fen"`
	Returned    int64  `json:"returned"`
	ReturnedFen int64  `json:"returned_fen"`
	NetFen      int64  `json:"net_fen"`
}

// findings are all sums, by rollout and bank, and the rows whose credits less returns are more than one, at whatever banks
// and by whatever versions of their instruction.
type findings struct {
	Sums  []paidSum   `json:"sums"`
	Twice []duplicate `json:"twice"`
}

func paidCommand() *cobra.Command {
	var q inquest
	cmd := &cobra.Command{
		Use:   "paid --dir DIR",
		Short: "Sum up what all banks have paid, and find who was paid twice",
		Long: `Sum up what all banks have paid, per rollout and bank, by their own ledgers, and list every row of a roster that was credited
more than once, less what came back, at whatever bank and by whatever version of its instruction. Exits with 3 when there is one.
It can be asked while the partners run.`,
		Example: "  partners paid --dir var/partners\n  partners paid --dir var/partners --rollout R20261121-001 -o json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return q.answer(cmd.OutOrStdout()) },
	}
	flags := cmd.Flags()
	flags.StringVar(&q.dir, "dir", "", "folder that holds everything of the partners")
	flags.StringVar(&q.rollout, "rollout", "", "only this rollout")
	flags.StringVarP(&q.output, "output", "o", "text", "text or json")
	return cmd
}

func (q *inquest) answer(out io.Writer) error {
	if q.dir == "" || (q.output != "text" && q.output != "json") {
		return fmt.Errorf("%w: paid needs --dir, and text or json as output", errUse)
	}
	books, err := filepath.Glob(filepath.Join(q.dir, "*", "ledger.csv"))
	if err != nil {
		return err
	}
	q.seed, q.net = maphash.MakeSeed(), map[uint64]int32{}
	found := findings{Sums: []paidSum{}, Twice: []duplicate{}}
	for _, path := range books {
		sums, err := q.count(path)
		if err != nil {
			return err
		}
		found.Sums = append(found.Sums, sums...)
	}
	if found.Twice, err = q.twice(books); err != nil {
		return err
	}
	slices.SortFunc(found.Sums, func(a, b paidSum) int { return cmp.Or(cmp.Compare(a.Rollout, b.Rollout), cmp.Compare(a.Bank, b.Bank)) })
	if err := q.print(out, &found); err != nil {
		return err
	}
	if len(found.Twice) > 0 {
		return errFound
	}
	return nil
}

// credits gives each credit and each return of a ledger to each, with the rollout and the row that its instruction names.
func (q *inquest) credits(path string, each func(e *exchange.Entry, rollout, row []byte)) error {
	return exchange.ScanLedger(path, func(e *exchange.Entry) error {
		if event := string(e.Event); event != "paid" && event != "returned" {
			return nil
		}
		rollout, _, _ := bytes.Cut(e.Number, []byte("."))
		if q.rollout == "" || string(rollout) == q.rollout {
			each(e, rollout, e.Number[:max(0, bytes.LastIndexByte(e.Number, '.'))])
		}
		return nil
	})
}

// count sums up one bank's ledger.
func (q *inquest) count(path string) ([]paidSum, error) {
	sums := map[string]*paidSum{}
	err := q.credits(path, func(e *exchange.Entry, rollout, row []byte) {
		s := sums[string(rollout)]
		if s == nil {
			s = &paidSum{Bank: filepath.Base(filepath.Dir(path)), Rollout: string(rollout)}
			sums[s.Rollout] = s
		}
		q.net[maphash.Bytes(q.seed, row)] += s.add(e)
	})
	out := make([]paidSum, 0, len(sums))
	for _, s := range sums {
		out = append(out, *s)
	}
	return out, err
}

// add takes in one line, and says whether it is a credit (1) or a return (-1).
func (s *paidSum) add(e *exchange.Entry) int32 {
	fen, _ := fenOf(e.Detail)
	if string(e.Event) == "returned" {
		s.Returned, s.ReturnedFen, s.NetFen = s.Returned+1, s.ReturnedFen+fen, s.NetFen-fen
		return -1
	}
	s.Paid, s.PaidFen, s.NetFen = s.Paid+1, s.PaidFen+fen, s.NetFen+fen
	return 1
}

// twice reads the ledgers again for the rows that have too much, which are few.
func (q *inquest) twice(books []string) ([]duplicate, error) {
	found := map[string]*duplicate{}
	for _, path := range books {
		err := q.credits(path, func(e *exchange.Entry, _, row []byte) {
			if q.net[maphash.Bytes(q.seed, row)] > 1 {
				note(found, string(e.Event)+" "+string(row), e)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	out := []duplicate{}
	for _, d := range found {
		if d.Event == "paid" {
			out = append(out, *d)
		}
	}
	slices.SortFunc(out, func(a, b duplicate) int { return cmp.Compare(a.Key, b.Key) })
	return out, nil
}

func (q *inquest) print(out io.Writer, f *findings) error {
	if q.output == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(f)
	}
	var b bytes.Buffer
	for _, s := range f.Sums {
		fmt.Fprintf(&b, "%-16s %-10s paid %10d %16d fen  returned %8d %14d fen  net %16d fen\n",
			s.Rollout, s.Bank, s.Paid, s.PaidFen, s.Returned, s.ReturnedFen, s.NetFen)
	}
	for _, d := range f.Twice {
		fmt.Fprintf(&b, "paid twice: %s in %v\n", d.Key, d.Files)
	}
	if len(f.Twice) == 0 {
		b.WriteString("nobody paid twice\n")
	}
	_, err := out.Write(b.Bytes())
	return err
}
