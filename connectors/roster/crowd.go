package roster

import (
	"fmt"
	"iter"
	"math/bits"
	"math/rand/v2"
	"time"

	"onecard/card"
)

// Birth dates of a sample, and how many numbers there are: every day has a thousand.
var (
	firstBirth = time.Date(1936, 1, 1, 0, 0, 0, 0, time.UTC)
	lastBirth  = time.Date(2023, 12, 31, 0, 0, 0, 0, time.UTC)
)

const numbersPerDay = 1000

// scatter spreads neighbours over all birth dates; it has no factor in common with the count of numbers.
const scatter = 19_864_223

// Fractions of 2^64 whose multiples keep far apart (golden ratio and plastic number): where the people of a seed and of a
// city begin.
const (
	golden  = 0x9E3779B97F4A7C15
	plastic = 0xC13FA9A902A6328F
)

// borrowed are the areas for cities without counties, whose own code real numbers carry.
var borrowed = map[string]string{"441900": "441300", "442000": "440400"}

// crowd makes the people of a sample one by one.
type crowd struct {
	o         SampleOptions
	city      card.City
	area      string
	banks     []card.Bank
	employers [][2]string
	flaws     []spoiler
	days      []string
	start     uint64
	source    *rand.PCG
	*rand.Rand
}

func newCrowd(o SampleOptions) (*crowd, error) {
	city, ok := card.FindCity(o.City)
	if !ok {
		return nil, card.E(card.Invalid, "make sample", card.ReasonCityUnknown, fmt.Errorf("unknown city %q", o.City))
	}
	if o.Rows < 0 || !(o.Bad >= 0 && o.Bad <= 1) {
		return nil, card.E(card.Invalid, "make sample", "", fmt.Errorf("%d rows of which a share of %g is bad cannot be made", o.Rows, o.Bad))
	}
	banks, err := sampleBanks(o.Banks)
	if err != nil {
		return nil, err
	}
	source := rand.NewPCG(0, 0)
	c := &crowd{
		o: o, city: city, area: or(borrowed[city.Code], city.Code), banks: banks, flaws: spoilers(o.Format), days: days(),
		source: source, Rand: rand.New(source), //nolint:gosec // samples must come out the same again
	}
	c.employers = employers(city)
	if o.Rows > len(c.days)*numbersPerDay {
		return nil, card.E(card.Invalid, "make sample", "", fmt.Errorf("there are only %d numbers", len(c.days)*numbersPerDay))
	}
	c.start = c.begin()
	return c, nil
}

func sampleBanks(names []string) ([]card.Bank, error) {
	if len(names) == 0 {
		names = []string{"102", "103", "105"}
	}
	var banks []card.Bank
	for _, name := range names {
		b, ok := card.FindBank(name)
		if !ok {
			return nil, card.E(card.Invalid, "make sample", card.ReasonBankUnknown, fmt.Errorf("unknown bank %q", name))
		}
		banks = append(banks, b)
	}
	return banks, nil
}

func days() []string {
	var all []string
	for d := firstBirth; !d.After(lastBirth); d = d.AddDate(0, 0, 1) {
		all = append(all, d.Format("20060102"))
	}
	return all
}

// begin tells where in the run of numbers the people of this city and seed begin.
func (c *crowd) begin() uint64 {
	index := uint64(0)
	for i, known := range card.Cities() {
		if known.Code == c.city.Code {
			index = uint64(i)
		}
	}
	start, _ := bits.Mul64(c.o.Seed*golden+index*plastic, c.numbers())
	return start
}

func (c *crowd) numbers() uint64 { return uint64(len(c.days)) * numbersPerDay }

// people hands out the rows; the person is overwritten by the next one. Bad rows stand evenly among the good ones.
func (c *crowd) people() iter.Seq[*person] {
	return func(yield func(*person) bool) {
		var p, good person
		bad := 0
		for i := range c.o.Rows {
			if due := int(float64(i+1) * c.o.Bad); due > bad {
				c.person(i, true, &p)
				c.flaws[bad%len(c.flaws)].spoil(&p, &good)
				bad++
			} else {
				c.person(i, false, &p)
				good = p
			}
			if !yield(&p) {
				return
			}
		}
	}
}
