package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/postgres"
)

// reviewOrder is what a command line decides: one review, or those of a list.
type reviewOrder struct {
	keep, stop, rename bool
	by, why            string
	from, refused      string
}

func decideReviewCommand(s *settings) *cobra.Command {
	var o reviewOrder
	cmd := &cobra.Command{
		Use:   "decide [N] [--keep|--stop|--rename] --as WHO",
		Short: "Decide reviews: pay on, pay no more, or correct the name (复核结论)",
		Long: `Decide a review. --stop: civil affairs is right; payments that wait are refused, those that are out are to be recovered. --keep: it is
wrong (误报), or has been mended; what the review holds goes on, unless the bank file of its batch has left meanwhile: such rows are
refused when their batch ends, and may be handed in again. That somebody who is said to be dead is paid on takes two people: the
second one runs the same command. The card itself is cancelled at a card desk, never by this.

--rename: the person bears another name, which becomes the one in the ledger. It takes two people, who each give the name; it is read
from the standard input, so that it stands in no list of processes and in no history of commands. Whoever was mistaken runs it again
before the second one has confirmed. The name before is kept. Payments whose account the bank has not been asked about yet go on, and
the bank is asked by the new name; the others are held (NAME_CORRECTED) until "rollout lift", once the bank has the new name too. What is
out under the old name is left to the bank's answer.

--from: carry out a workbook of "onecard review list -o". Each row is decided by itself; a row that cannot be carried out, or whose review
has changed since the list was written, is told with its reason, and -o writes all such rows to a workbook to be corrected. To carry the
same list out again, also after it was cut off, does nothing twice. A second person writes a list of their own.

复核结论：--stop 停止发放，--keep 继续发放（误报或已更正），--rename 更正姓名（新姓名从标准输入读取）。被登记为死亡的人要继续发放，以及更正姓名，
须两人先后执行同一条命令。--from 按清单逐行办理，不能办理的行写明原因，重复执行不会重复办理。`,
		Example: `  onecard review decide 17 --stop --reason "家属确认已死亡" --as reviewer1
  onecard review decide 18 --keep --reason "民政误报，本人已到场核实" --as reviewer1
  onecard review decide 18 --keep --reason "已复核现场照片" --as reviewer2
  onecard review decide 19 --rename --reason "已看户口簿" --as reviewer1
  onecard review decide --from reviews.xlsx -o refused.xlsx --as reviewer1`,
		Args: cobra.MaximumNArgs(1),
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			if o.from != "" {
				return h.decideList(cmd, args, o)
			}
			return h.decideOne(cmd, args, o)
		}),
	}
	o.flags(cmd)
	return cmd
}

func (o *reviewOrder) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.keep, "keep", false, "pay on")
	cmd.Flags().BoolVar(&o.stop, "stop", false, "pay no more")
	cmd.Flags().BoolVar(&o.rename, "rename", false, "correct the name; the new one is read from the standard input")
	cmd.Flags().StringVar(&o.why, "reason", "", "why, for the audit; without personal data")
	cmd.Flags().StringVar(&o.from, "from", "", "carry out this workbook of `review list -o`")
	cmd.Flags().StringVarP(&o.refused, "output", "o", "", "with --from: workbook of the rows that were not carried out")
	cmd.Flags().StringVar(&o.by, "as", "", "who decides")
	require(cmd, "as")
}

// outcomes is how many outcomes the command line names.
func (o *reviewOrder) outcomes() (n int) {
	for _, named := range []bool{o.keep, o.stop, o.rename} {
		if named {
			n++
		}
	}
	return n
}

// decideOne decides the review whose number is the argument.
func (h *hub) decideOne(cmd *cobra.Command, args []string, o reviewOrder) error {
	if len(args) == 0 || o.why == "" || o.refused != "" || o.outcomes() != 1 {
		return fmt.Errorf("%w: give the review's number, --reason, and one of --keep, --stop and --rename; or a list by --from", errUse)
	}
	no, err := reviewNo(args[0])
	if err != nil {
		return err
	}
	d := postgres.ReviewDecision{Outcome: card.ReviewStop, By: o.by, Why: o.why}
	switch {
	case o.keep:
		d.Outcome = card.ReviewKeep
	case o.rename:
		d.Outcome = card.ReviewRename
		if d.Name, err = readName(cmd.InOrStdin(), cmd.ErrOrStderr()); err != nil {
			return err
		}
	}
	result, err := h.ledger.DecideReview(cmd.Context(), no, d)
	if err != nil {
		return err
	}
	return printDecision(cmd.OutOrStdout(), no, d.Outcome, result)
}

// readName reads a person's name, the first line of in.
func readName(in io.Reader, ask io.Writer) (string, error) {
	_, _ = fmt.Fprintln(ask, "new name, then Enter (请输入新姓名，回车结束):")
	line, err := bufio.NewReader(io.LimitReader(in, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the name: %w", err)
	}
	return usableName(strings.TrimSpace(line))
}

// usableName returns a name as the ledger has names, provided that every file can carry it.
func usableName(text string) (string, error) {
	name := card.NormalizeName(text)
	switch {
	case name == "":
		return "", card.E(card.Invalid, "read the new name", card.ReasonNameMissing, nil)
	case !encodable(name):
		return "", card.E(card.Invalid, "read the new name", card.ReasonNameUnencodable, nil)
	}
	return name, nil
}

// printDecision tells what a decision has come to, and what became of the payments.
func printDecision(w io.Writer, no int, o card.ReviewOutcome, r postgres.ReviewResult) error {
	if !r.Closed {
		_, err := fmt.Fprintf(w, "review %d waits for a second person, who runs the same command (复核 %d 待第二人确认)\n", no, no)
		return err
	}
	_, _ = fmt.Fprintf(w, "review %d is closed: %s (复核 %d 已办结：%s)\n", no, o.Name().EN, no, o.Name().ZH)
	if r.Traces == nil { // it was closed before, or nothing is open
		return nil
	}
	changed := 0
	for _, t := range r.Traces {
		if t.Done {
			changed++
		}
	}
	_, err := fmt.Fprintf(w, "payments open %d, changed %d: onecard review show %d (未结款项 %d 笔，变动 %d 笔)\n", len(r.Traces), changed, no, len(r.Traces), changed)
	return err
}
