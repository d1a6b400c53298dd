package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	exchange "onecard/connectors/exchange/sim"
)

// errFound tells that a check found what should not be there.
var errFound = errors.New("duplicates found")

type question struct {
	dir, event, output string
	duplicates         bool
}

// tally is what a ledger is summed up to.
type tally struct {
	Partner string           `json:"partner"`
	Events  map[string]int64 `json:"events"`
	// Results counts each event by its result, "opened 00".
	Results map[string]int64 `json:"results"`
	// Fen sums up what lines about money tell, by event and result.
	Fen map[string]int64 `json:"fen"`
	// Duplicates are the persons (or cards, where the ledger has no person, or instructions of payments) that have an event more than once.
	Duplicates []duplicate `json:"duplicates"`
}

type duplicate struct {
	Event string   `json:"event"`
	Key   string   `json:"key"`
	Files []string `json:"files"` // file and row of each time
}

func ledgerCommand() *cobra.Command {
	var q question
	cmd := &cobra.Command{
		Use:   "ledger NAME --dir DIR",
		Short: "Sum up a partner's ledger, and find who is in it twice",
		Long: `Sum up a partner's ledger: lines by event and result, and the money in them. With --duplicates it lists every person (or card,
where the ledger has no person; of payments every instruction) that has one event more than once, and exits with 3 when there
is one. It can be asked while the partner runs.`,
		Example: `  partners ledger ICBC --dir var/partners
  partners ledger ICBC --dir var/partners --event opened --duplicates
  partners ledger BUREAU --dir var/partners -o json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.ExactArgs(1)(cmd, args); err != nil {
				return fmt.Errorf("%w: %w", errUse, err)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return q.answer(args[0], cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&q.dir, "dir", "", "folder that holds everything of the partners")
	flags.StringVar(&q.event, "event", "", "only this event")
	flags.BoolVar(&q.duplicates, "duplicates", false, "list who has an event more than once")
	flags.StringVarP(&q.output, "output", "o", "text", "text or json")
	return cmd
}

func (q *question) answer(name string, out io.Writer) error {
	if q.dir == "" || kindOf(name) == "" || (q.output != "text" && q.output != "json") {
		return fmt.Errorf("%w: ledger needs a partner's name, --dir, and text or json as output", errUse)
	}
	path := filepath.Join(q.dir, name, "ledger.csv")
	if _, err := os.Stat(path); err != nil {
		return err
	}
	t := tally{Partner: name, Events: map[string]int64{}, Results: map[string]int64{}, Fen: map[string]int64{}, Duplicates: []duplicate{}}
	if err := q.count(path, &t); err != nil {
		return err
	}
	if q.duplicates {
		if err := q.find(path, &t); err != nil {
			return err
		}
	}
	if err := q.print(out, &t); err != nil {
		return err
	}
	if len(t.Duplicates) > 0 {
		return errFound
	}
	return nil
}

func (q *question) scan(path string, each func(*exchange.Entry) error) error {
	return exchange.ScanLedger(path, func(e *exchange.Entry) error {
		if q.event != "" && string(e.Event) != q.event {
			return nil
		}
		return each(e)
	})
}

func (q *question) count(path string, t *tally) error {
	return q.scan(path, func(e *exchange.Entry) error {
		t.Events[string(e.Event)]++
		key := strings.TrimSpace(string(e.Event) + " " + string(e.Result))
		t.Results[key]++
		if fen, ok := fenOf(e.Detail); ok {
			t.Fen[key] += fen
		}
		return nil
	})
}

// fenOf reads the amount that a detail begins with, if it does.
func fenOf(detail []byte) (fen int64, ok bool) {
	text, ok := bytes.CutPrefix(detail, []byte("fen="))
	if !ok {
		return 0, false
	}
	text, _, _ = bytes.Cut(text, []byte(" "))
	return exchange.Fen(text)
}

// find reads the ledger twice, so that what it keeps in between are eight bytes for a line and not the line.
func (q *question) find(path string, t *tally) error {
	seed := maphash.MakeSeed()
	counts := map[uint64]uint8{}
	err := q.scan(path, func(e *exchange.Entry) error {
		if key := keyOf(e); key != "" {
			h := maphash.String(seed, key)
			counts[h] = min(counts[h]+1, 2)
		}
		return nil
	})
	if err != nil {
		return err
	}
	found := map[string]*duplicate{}
	err = q.scan(path, func(e *exchange.Entry) error {
		if key := keyOf(e); key != "" && counts[maphash.String(seed, key)] > 1 {
			note(found, key, e)
		}
		return nil
	})
	for _, d := range found {
		if len(d.Files) > 1 {
			t.Duplicates = append(t.Duplicates, *d)
		}
	}
	slices.SortFunc(t.Duplicates, func(a, b duplicate) int { return strings.Compare(a.Event+a.Key, b.Event+b.Key) })
	return err
}

// keyOf is the event and the person, or the card; empty for lines about files.
func keyOf(e *exchange.Entry) string {
	who := e.Number
	if len(who) == 0 {
		who = e.CardNo
	}
	if len(who) == 0 {
		return ""
	}
	return string(e.Event) + " " + string(who)
}

func note(found map[string]*duplicate, key string, e *exchange.Entry) {
	d := found[key]
	if d == nil {
		event, who, _ := strings.Cut(key, " ")
		d = &duplicate{Event: event, Key: who}
		found[key] = d
	}
	d.Files = append(d.Files, string(e.File)+" row "+string(e.Ref))
}

func (q *question) print(out io.Writer, t *tally) error {
	if q.output == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(t)
	}
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(t.Results)) {
		fmt.Fprintf(&b, "%-24s %12d", key, t.Results[key])
		if fen, ok := t.Fen[key]; ok {
			fmt.Fprintf(&b, " %16d fen", fen)
		}
		b.WriteByte('\n')
	}
	for _, d := range t.Duplicates {
		fmt.Fprintf(&b, "twice: %s %s in %s\n", d.Event, d.Key, strings.Join(d.Files, ", "))
	}
	if q.duplicates && len(t.Duplicates) == 0 {
		b.WriteString("nobody twice\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}
