package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/postgres"
	"onecard/connectors/roster"
)

// maxListed is how many reviews a workbook holds at most.
const maxListed = 100_000

// writeReviews writes reviews to a workbook in which they can be decided.
func (h *hub) writeReviews(ctx context.Context, path string, all []postgres.Review, w io.Writer) error {
	lines := func(yield func(roster.ReviewLine, error) bool) {
		for some := range slices.Chunk(all, 1000) {
			people, err := h.peopleOf(ctx, some)
			for _, r := range some {
				if !yield(listedReview(r, people[r.No]), err) || err != nil {
					return
				}
			}
		}
	}
	if err := writeFile(path, func(out io.Writer) error { return roster.WriteReviews(out, lines) }); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d reviews written to %s; fill in the decisions, then: onecard review decide --from %s --as WHO (已写入%d项复核，填写决定后执行)\n",
		len(all), path, path, len(all))
	return err
}

func (h *hub) peopleOf(ctx context.Context, reviews []postgres.Review) (map[int]postgres.ReviewPerson, error) {
	numbers := make([]int, 0, len(reviews))
	for _, r := range reviews {
		numbers = append(numbers, r.No)
	}
	return h.ledger.ReviewPeople(ctx, numbers)
}

// listedReview is a review as it stands in a list.
func listedReview(r postgres.Review, p postgres.ReviewPerson) roster.ReviewLine {
	died, asked := "", ""
	if p.Died != "" {
		died = card.Day(p.Died).Dashed()
	}
	if r.AskedBy != "" {
		what := card.ReviewKeep
		if r.Cause == card.ReviewRenamed {
			what = card.ReviewRename
		}
		asked = fmt.Sprintf("%s %s %s %s：%s", r.AskedBy, short(r.AskedAt), what.Name().ZH, p.Asked, r.AskedWhy)
	}
	l := roster.ReviewLine{No: r.No, Stamp: r.Stamp()}
	l.About = [...]string{string(r.Month), cityName(r.City), nameText(r.Cause.Name()), p.Name, string(r.Card), died, asked, strconv.Itoa(r.Held.Rows), yuan(r.Held.Fen)}
	return l
}

// decideList carries out a list of reviews, row by row.
func (h *hub) decideList(cmd *cobra.Command, args []string, o reviewOrder) error {
	if len(args) > 0 || o.why != "" || o.outcomes() > 0 {
		return fmt.Errorf("%w: give either a review's number with its decision, or --from: the list has the decisions and reasons", errUse)
	}
	if o.refused != "" && filepath.Clean(o.refused) == filepath.Clean(o.from) {
		return fmt.Errorf("%w: -o must not be the list itself: what nobody has decided yet would be lost", errUse)
	}
	lines, err := readReviews(o.from)
	if err != nil {
		return err
	}
	run := &reviewRun{ledger: h.ledger, by: o.by, out: cmd.OutOrStdout()}
	failed := run.all(cmd.Context(), lines)
	if o.refused != "" && len(run.refused) > 0 {
		if err := writeFile(o.refused, func(w io.Writer) error { return roster.WriteReviews(w, eachOf(run.refused)) }); err != nil {
			return errors.Join(failed, err)
		}
	}
	return cmp.Or(failed, run.told(len(lines)))
}

func readReviews(path string) ([]roster.ReviewLine, error) {
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("open the list: %w", err)
	}
	defer f.Close() //nolint:errcheck // read only
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open the list: %w", err)
	}
	return roster.ReadReviews(f, info.Size())
}

func eachOf(lines []roster.ReviewLine) func(func(roster.ReviewLine, error) bool) {
	return func(yield func(roster.ReviewLine, error) bool) {
		for _, l := range lines {
			if !yield(l, nil) {
				return
			}
		}
	}
}

// reviewRun is a list that is being carried out.
type reviewRun struct {
	ledger          *postgres.Ledger
	by              string
	out             io.Writer
	closed, waiting int
	refused         []roster.ReviewLine
}

// all carries out each row and tells what became of it. What is no fault of a row, such as a ledger that cannot be reached, ends it.
func (r *reviewRun) all(ctx context.Context, lines []roster.ReviewLine) error {
	for _, l := range lines {
		result, err := r.decide(ctx, l)
		switch reason := card.ReasonOf(err); {
		case err == nil && result.Closed:
			r.closed++
			r.tell(l, "closed 已办结："+nameText(l.Outcome.Name()))
		case err == nil:
			r.waiting++
			r.tell(l, "waits for a second person 待第二人确认")
		case exitCode(err) != 3 || reason == "" || card.KindOf(err) == card.Breach:
			return fmt.Errorf("line %d of the list; those before are carried out, run it again for the others: %w", l.Line, err)
		default:
			text := reason.Text()
			l.Refused = fmt.Sprintf("%s [%s] %s\n%s %s", text.ZH, reason, text.MendZH, text.EN, text.MendEN)
			r.refused = append(r.refused, l)
			r.tell(l, fmt.Sprintf("not carried out 未办理 %s: %s %s", reason, text.ZH, text.EN))
		}
	}
	return nil
}

func (r *reviewRun) decide(ctx context.Context, l roster.ReviewLine) (none postgres.ReviewResult, err error) {
	if l.Wrong != "" {
		return none, card.E(card.Invalid, "read the list", l.Wrong, nil)
	}
	d := postgres.ReviewDecision{Outcome: l.Outcome, By: r.by, Why: l.Why, Stamp: l.Stamp}
	if l.Outcome == card.ReviewRename {
		if d.Name, err = usableName(l.Name); err != nil {
			return none, err
		}
	}
	return r.ledger.DecideReview(ctx, l.No, d)
}

func (r *reviewRun) tell(l roster.ReviewLine, what string) {
	_, _ = fmt.Fprintf(r.out, "line 第%d行  review 复核 %d  %s\n", l.Line, l.No, what)
}

// told sums up, and is an error when rows were left.
func (r *reviewRun) told(rows int) error {
	_, _ = fmt.Fprintf(r.out, "%d rows: %d closed, %d wait for a second person, %d not carried out (共%d行：办结%d，待第二人%d，未办理%d)\n",
		rows, r.closed, r.waiting, len(r.refused), rows, r.closed, r.waiting, len(r.refused))
	if len(r.refused) == 0 {
		return nil
	}
	return card.E(card.Conflict, fmt.Sprintf("carry out the list: %d of %d rows", len(r.refused), rows), card.ReasonReviewsLeft, nil)
}
