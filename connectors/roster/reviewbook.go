package roster

import (
	"io"
	"iter"
	"strconv"
	"strings"

	"onecard/card"
	"onecard/connectors/layout/xlsx"
)

const sheetReviews = "复核清单"

// ReviewLine is a review in a list that people fill in.
type ReviewLine struct {
	Line    int // of the sheet, when it was read
	No      int
	Outcome card.ReviewOutcome // "" while nobody has decided
	Why     string
	Name    string // the new one, normalised
	Stamp   string // what the review was when the list was written
	Refused string // why it came back, in words
	About   [reviewWidth - reviewAbout]string
	Wrong   card.Reason // why the line cannot be carried out as it stands, or ""

	said string // the decision in the words of the sheet
	no   string // the number in the words of the sheet
}

// The columns of a list of reviews; those from reviewAbout on only tell of the review.
const (
	reviewNo = iota
	reviewOutcome
	reviewWhy
	reviewName
	reviewStamp
	reviewRefused
	reviewAbout
	reviewWidth = 15
)

var reviewColumns = [reviewWidth]struct {
	heading string
	width   float64
}{
	{"复核号\nReview", 9}, {"决定\nDecision", 14}, {"理由\nReason", 36}, {"新姓名\nNew name", 18}, {"核对码（勿改）\nCheck code", 16}, {"退回原因\nNot carried out", 44},
	{"月份\nMonth", 10}, {"地市\nCity", 18}, {"事由\nCause", 20}, {"姓名\nName", 16}, {"卡号\nCard", 14}, {"死亡日期\nDied", 12}, {"已由他人提出\nAsked for", 44},
	{"暂缓笔数\nHeld", 10}, {"暂缓金额(元)\nYuan", 14},
}

// WriteReviews writes a list of reviews with a column for the decision. lines are taken one by one; an error among them is returned.
// ReadReviews reads it.
func WriteReviews(w io.Writer, lines iter.Seq2[ReviewLine, error]) error {
	b := newBook("人口比对复核清单", sheetReviews)
	styles := [...]int{b.headingStyle(colourSoft), b.headingStyle(colourWarn)}
	for col, c := range reviewColumns {
		style := styles[0]
		if col >= reviewOutcome && col <= reviewName {
			style = styles[1]
		}
		b.width(sheetReviews, col, c.width)
		b.set(sheetReviews, col, 1, c.heading, style)
	}
	b.freeze(sheetReviews, 2, 1)
	b.print(sheetReviews, 1)
	b.choices(sheetReviews, "B2:B1048576", outcomeWords())
	body := b.textStyle(true, "")
	if b.err != nil {
		return b.err
	}
	return splice(w, b.File, map[string]filler{sheetReviews: reviewRows(lines, body)})
}

func outcomeWords() (words []string) {
	for _, o := range card.ReviewRenamed.ReviewOutcomes() {
		words = append(words, o.Name().ZH)
	}
	return words
}

func reviewRows(lines iter.Seq2[ReviewLine, error], body int) filler {
	return func(out *xlsx.RowWriter) error {
		for l, err := range lines {
			if err != nil {
				return err
			}
			out.Begin(min(heightOf([]string{l.Refused}, []float64{reviewColumns[reviewRefused].width})+6, highestRow))
			for _, text := range l.cells() {
				out.Text(body, text)
			}
			if err := out.End(); err != nil {
				return err
			}
		}
		return nil
	}
}

// cells are the texts of a line: what was read stays in its own words.
func (l ReviewLine) cells() []string {
	no, said := l.no, l.said
	if l.Line == 0 {
		no, said = strconv.Itoa(l.No), l.Outcome.Name().ZH
	}
	return append([]string{no, said, l.Why, l.Name, l.Stamp, l.Refused}, l.About[:]...)
}

// ReadReviews reads a list of WriteReviews that has been filled in. Lines without decision, reason and new name are left out; one that
// cannot be carried out as it stands comes with Wrong. A workbook that is no such list is an Invalid error.
func ReadReviews(r io.ReaderAt, size int64) ([]ReviewLine, error) {
	lines := []ReviewLine{}
	times := map[int]int{}
	headed := false
	err := eachRow(r, size, sheetReviews, func(row xlsx.Row) error {
		if !headed {
			headed = true
			return reviewHeadings(row)
		}
		l, open := reviewLine(row)
		if !open {
			lines = append(lines, l)
			times[l.No]++
		}
		return nil
	})
	if err == nil && !headed {
		err = reviewHeadings(xlsx.Row{})
	}
	for i := range lines {
		if times[lines[i].No] > 1 {
			lines[i].Wrong = card.ReasonReviewRow
		}
	}
	return lines, err
}

func reviewHeadings(row xlsx.Row) error {
	cells, _ := reviewCells(row)
	for col := range reviewAbout {
		if cells[col] != reviewColumns[col].heading {
			return card.E(card.Invalid, "read the list of reviews", card.ReasonReviewList, nil)
		}
	}
	return nil
}

// reviewCells are the texts of a row; sound says that what is read of them is text and no formula.
func reviewCells(row xlsx.Row) (cells [reviewWidth]string, sound bool) {
	sound = true
	for _, c := range row.Cells {
		if c.Col < len(cells) {
			cells[c.Col] = strings.TrimSpace(xlsx.Unguard(c.Text))
			sound = sound && (c.Col >= reviewAbout || c.Marks&^xlsx.Number == 0)
		}
	}
	return cells, sound
}

// reviewLine reads a row; open says that nothing was filled in.
func reviewLine(row xlsx.Row) (l ReviewLine, open bool) {
	cells, sound := reviewCells(row)
	l = ReviewLine{Line: row.Number, Why: cells[reviewWhy], Name: card.NormalizeName(cells[reviewName]), Stamp: cells[reviewStamp],
		said: cells[reviewOutcome], no: cells[reviewNo]}
	copy(l.About[:], cells[reviewAbout:])
	for _, o := range card.ReviewRenamed.ReviewOutcomes() {
		if name := o.Name(); l.said == name.ZH || strings.EqualFold(l.said, name.EN) {
			l.Outcome = o
		}
	}
	no, err := strconv.ParseInt(l.no, 10, 32)
	l.No = int(no)
	if err != nil || no < 1 || !sound || l.Outcome == "" || l.Why == "" || l.Stamp == "" || (l.Outcome == card.ReviewRename) != (l.Name != "") {
		l.Wrong = card.ReasonReviewRow
	}
	return l, l.said == "" && l.Why == "" && l.Name == ""
}
