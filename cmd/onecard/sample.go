package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/roster"
)

// holdersOrder is what people are loaded.
type holdersOrder struct {
	rows   int
	cities []string
	banks  []string
	seed   uint64
	by     string
}

func sampleHoldersCommand(s *settings) *cobra.Command {
	var o holdersOrder
	cmd := &cobra.Command{
		Use:   "holders --rows N",
		Short: "Load the ledger with invented people who hold active cards, for benches and demonstrations (样例持卡人)",
		Long: `Load the ledger with invented people who hold active cards with active accounts, as issuance would have left them, without any
partner's part in it. The same options make the same people; people who are there already are an error: give another --seed.`,
		Example: `  onecard sample holders --rows 20000
  onecard sample holders --rows 2840000 --city 440600,440100,440300 --seed 7`,
		Args: cobra.NoArgs,
		RunE: s.withHub(func(cmd *cobra.Command, _ []string, h *hub) error {
			n, err := h.loadHolders(cmd.Context(), o, progressTo(cmd.ErrOrStderr()))
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d people hold active cards (已装入 %d 名持卡人)\n", n, n)
			return err
		}),
	}
	cmd.Flags().IntVar(&o.rows, "rows", 2000, "how many people")
	cmd.Flags().StringSliceVar(&o.cities, "city", []string{"440600"}, "cities among which they are divided, by code or Chinese name")
	cmd.Flags().StringSliceVar(&o.banks, "banks", nil, "banks by prefix or Chinese name; those of the configuration when empty")
	cmd.Flags().Uint64Var(&o.seed, "seed", 1, "other seeds make other people")
	cmd.Flags().StringVar(&o.by, "as", "sample", "who loads them")
	return cmd
}

// loadHolders divides the people among the cities, and returns how many there are.
func (h *hub) loadHolders(ctx context.Context, o holdersOrder, p *progress) (int, error) {
	defer p.end()
	if len(o.cities) == 0 || o.rows < 0 {
		return 0, fmt.Errorf("%w: --rows and --city say how many people are loaded, and where", errUse)
	}
	if len(o.banks) == 0 {
		for _, partner := range h.cfg.Partners {
			if partner.Kind == config.Bank {
				o.banks = append(o.banks, partner.Bank)
			}
		}
	}
	loaded := 0
	var one sync.Mutex // pages end side by side
	for i, name := range o.cities {
		city, ok := card.FindCity(name)
		if !ok {
			return loaded, card.E(card.Invalid, "find city "+name, card.ReasonCityUnknown, nil)
		}
		rows := o.rows/len(o.cities) + min(1, max(0, o.rows%len(o.cities)-i))
		people, err := roster.SamplePeople(roster.SampleOptions{Rows: rows, City: city.Code, Banks: o.banks, Seed: o.seed})
		if err != nil {
			return loaded, err
		}
		err = h.ledger.LoadHolders(ctx, city.Code, o.by, people, func(n int) {
			one.Lock()
			defer one.Unlock()
			loaded += n
			p.count("people loaded (已装入)", n)
		})
		if card.ReasonOf(err) == card.ReasonConstraintHeld {
			err = errors.Join(err, fmt.Errorf("some of these people are in the ledger already: give another --seed (已有相同的样例人员，请换一个 --seed)"))
		}
		if err != nil {
			return loaded, err
		}
	}
	return loaded, nil
}

// payoutOrder is what roster of payments is made.
type payoutOrder struct {
	rows            int
	bad             float64
	city, programme string
	seed            uint64
	out             string
}

func samplePayoutCommand(s *settings) *cobra.Command {
	var o payoutOrder
	cmd := &cobra.Command{
		Use:   "payout --rows N -o FILE.csv|FILE.xlsx",
		Short: "A subsidy roster of people who hold active cards; prints its control totals as flags (样例补贴名册)",
		Long: `Write a subsidy roster of people in the ledger who hold active cards, and print what "rollout create subsidy" wants to be told with
it. At the rate of --bad rows are refused, for each cause in turn: number, name, amount, a name that is not the card's, no card, twice.`,
		Example: `  onecard sample payout --rows 2000 -o prices.csv
  onecard sample payout --rows 2000 --bad 0.02 --programme CA08 --seed 3 -o allowance.xlsx`,
		Args: cobra.NoArgs,
		RunE: s.withHub(func(cmd *cobra.Command, _ []string, h *hub) error {
			p, totals, err := h.samplePayout(cmd.Context(), o)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "--programme %s --period %s --roster %s --rows %d --fen %d\n", p.ID, p.PeriodExample(), o.out, totals.Rows, totals.Fen)
			return err
		}),
	}
	cmd.Flags().IntVar(&o.rows, "rows", 2000, "how many people; fewer when the ledger has fewer")
	cmd.Flags().Float64Var(&o.bad, "bad", 0, "share of rows that are refused, 0 to 1")
	cmd.Flags().StringVar(&o.programme, "programme", "CA03", "programme to whose rules the amounts keep")
	cmd.Flags().StringVar(&o.city, "city", "", "city of the people, by code; all when empty")
	cmd.Flags().Uint64Var(&o.seed, "seed", 1, "other seeds make other amounts")
	fileFlag(cmd, &o.out)
	return cmd
}

func (h *hub) samplePayout(ctx context.Context, o payoutOrder) (card.Programme, roster.Totals, error) {
	var totals roster.Totals
	p, err := h.programme(ctx, o.programme)
	if err != nil {
		return p, totals, err
	}
	if o.rows < 1 || !(o.bad >= 0 && o.bad <= 1) {
		return p, totals, fmt.Errorf("%w: --rows is at least 1, --bad is from 0 to 1", errUse)
	}
	err = writeFile(o.out, func(w io.Writer) (err error) {
		totals, err = roster.SamplePayments(w, h.ledger.Holders(ctx, o.city, o.rows), roster.PaySample{
			Programme: p, Seed: o.seed, Bad: o.bad, Format: formatOf(o.out)})
		if err == nil && totals.Rows == 0 {
			err = card.E(card.Conflict, "find people who can be paid; `onecard sample holders` makes some", card.ReasonNoCard, nil)
		}
		return err
	})
	return p, totals, err
}
