package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/postgres"
	"onecard/connectors/roster"
)

// paySampleOrder is what a sample is wanted.
type paySampleOrder struct {
	plan              card.SamplePlan
	seed              int64
	out, results, who string
}

func paySampleCommand(s *settings) *cobra.Command {
	var o paySampleOrder
	cmd := &cobra.Command{
		Use:   "sample ID",
		Short: "Draw a statistical sample of paid rows to be verified, record the results, show the share of wrong ones (抽样核查)",
		Long: `Draw a sample of the paid rows of a subsidy, to be verified with the payees: its size follows from the confidence, the margin of error
and the number of paid rows. The workbook goes to who verifies; filled in, it is recorded by --results. Without -o and --results, the
samples are shown with the share of wrong rows and its margin of error.`,
		Example: `  onecard rollout sample R20261121-002 --confidence 0.95 --margin 0.02 --seed 7 -o sample.xlsx --as auditor1
  onecard rollout sample R20261121-002 --results sample.xlsx --as auditor1
  onecard rollout sample R20261121-002`,
		Args: oneID,
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			return h.paySample(cmd.Context(), card.RolloutID(args[0]), o, cmd.OutOrStdout())
		}),
	}
	cmd.Flags().Float64Var(&o.plan.Confidence, "confidence", 0.95, "how sure the result is to be, 0.5 to 0.999")
	cmd.Flags().Float64Var(&o.plan.Margin, "margin", 0.02, "margin of error, 0.001 to 0.5")
	cmd.Flags().Int64Var(&o.seed, "seed", 1, "other seeds draw other rows; the same one the same")
	cmd.Flags().StringVarP(&o.out, "output", "o", "", "workbook of a new sample")
	cmd.Flags().StringVar(&o.results, "results", "", "workbook that has been filled in")
	cmd.Flags().StringVar(&o.who, "as", "", "who draws or records")
	cmd.MarkFlagsMutuallyExclusive("output", "results")
	return cmd
}

func (h *hub) paySample(ctx context.Context, id card.RolloutID, o paySampleOrder, w io.Writer) error {
	if (o.out != "" || o.results != "") && o.who == "" {
		return fmt.Errorf("%w: --as is missing: who draws or records it? (缺少 --as)", errUse)
	}
	if o.out != "" {
		drawn, err := h.ledger.DrawSample(ctx, id, o.plan, o.seed, o.who)
		if err != nil {
			return err
		}
		if err := writeFile(o.out, func(out io.Writer) error {
			return roster.WriteSample(out, h.sampledPayments(ctx, id, drawn.No))
		}); err != nil {
			return err
		}
		_, _ = fmt.Fprintf(w, "样本%d：从%d笔已入账中抽取%d笔，置信度%g，误差±%g，已写入%s\nsample %d: %d of %d paid rows, confidence %g, margin of error ±%g, in %s\n",
			drawn.No, drawn.Population, drawn.Size, drawn.Confidence, drawn.Margin, o.out, drawn.No, drawn.Size, drawn.Population, drawn.Confidence, drawn.Margin, o.out)
	}
	if o.results != "" {
		if err := h.recordSample(ctx, id, o.results, o.who); err != nil {
			return err
		}
	}
	samples, err := h.ledger.Samples(ctx, id)
	if err != nil {
		return err
	}
	if len(samples) == 0 {
		_, err = fmt.Fprintln(w, "还没有抽样；用 -o 抽取\nno sample has been drawn; -o draws one")
		return err
	}
	return sampleTable(samples).write(w)
}

func (h *hub) sampledPayments(ctx context.Context, id card.RolloutID, sample int) iter.Seq2[roster.SampledPayment, error] {
	return func(yield func(roster.SampledPayment, error) bool) {
		for r, err := range h.ledger.SampledRows(ctx, id, sample) {
			if !yield(roster.SampledPayment{Sample: r.Sample, Number: r.Row, City: cityName(r.City), Bank: bankName(r.Bank), Fen: r.Fen, Person: r.Person,
				Outcome: r.Outcome, Note: r.Note}, err) {
				return
			}
		}
	}
}

// recordSample records the results that stand in a workbook.
func (h *hub) recordSample(ctx context.Context, id card.RolloutID, path, who string) error {
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return fmt.Errorf("open the results: %w", err)
	}
	defer f.Close() //nolint:errcheck // read only
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open the results: %w", err)
	}
	found, err := roster.ReadSample(f, info.Size())
	if err != nil {
		return err
	}
	results := make([]postgres.SampleResult, 0, len(found))
	for _, r := range found {
		results = append(results, postgres.SampleResult{Sample: r.Sample, Row: r.Number, Outcome: r.Outcome, Note: r.Note})
	}
	return h.ledger.RecordSample(ctx, id, results, who)
}

func sampleTable(samples []postgres.Sample) table {
	t := table{{"sample 样本", "drawn 抽取", "of 总体", "confirmed 属实", "wrong 不属实", "not reached 未联系上", "open 未核查", "share wrong 不属实比例", "between 区间"}}
	for _, s := range samples {
		line := append([]string{strconv.Itoa(s.No)}, numbers(s.Size, s.Population, s.Confirmed, s.Wrong, s.NotReached, s.Open())...)
		share, between := "", ""
		if s.Confirmed+s.Wrong > 0 {
			share = fmt.Sprintf("%.2f%% ±%.2f%%", 100*s.Estimate.Share, 100*s.Estimate.Margin)
			between = fmt.Sprintf("%.2f%% – %.2f%% (%g%%)", 100*s.Estimate.Low, 100*s.Estimate.High, 100*s.Confidence)
		}
		t = append(t, append(line, share, between))
	}
	return t
}
