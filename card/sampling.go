package card

import "math"

// SampleOutcome is what the verification of a paid row with its payee found.
type SampleOutcome string

// The outcomes.
const (
	SampleConfirmed  SampleOutcome = "confirmed"   // the payee has the money and was entitled
	SampleWrong      SampleOutcome = "wrong"       // not paid, not the payee, or not entitled
	SampleNotReached SampleOutcome = "not_reached" // nobody could be asked
)

var sampleOutcomeNames = map[SampleOutcome]Name{
	SampleConfirmed:  {"confirmed", "属实", "confirmed"},
	SampleWrong:      {"wrong", "不属实", "wrong"},
	SampleNotReached: {"not_reached", "未联系上", "not reached"},
}

// SampleOutcomes returns the outcomes.
func SampleOutcomes() []SampleOutcome {
	return []SampleOutcome{SampleConfirmed, SampleWrong, SampleNotReached}
}

// Name returns the code and the names of o; its texts are empty when o is unknown.
func (o SampleOutcome) Name() Name { return sampleOutcomeNames[o] }

// SamplePlan is how sure a sample is to be: with this confidence (0.5 to 0.999) the true share is within the margin (0.001 to 0.5)
// of the one found.
type SamplePlan struct {
	Confidence float64
	Margin     float64
}

// Check makes sure that a sample can be drawn from population rows by the plan; its error is Invalid.
func (p SamplePlan) Check(population int) error {
	if p.Confidence < 0.5 || p.Confidence > 0.999 || p.Margin < 0.001 || p.Margin > 0.5 || population < 1 {
		return E(Invalid, "plan a sample", ReasonSampleShape, nil)
	}
	return nil
}

// z is how many standard deviations hold the share of a normal distribution that the confidence names.
func (p SamplePlan) z() float64 { return math.Sqrt2 * math.Erfinv(p.Confidence) }

// Size returns how many of population rows must be verified. It is chosen for the worst case, a share of one half, and corrected for
// the finite population.
func (p SamplePlan) Size(population int) int {
	n := p.z() * p.z() / 4 / (p.Margin * p.Margin)
	n /= 1 + (n-1)/float64(population)
	return min(population, int(math.Ceil(n-1e-9)))
}

// SampleEstimate is the share of wrong rows that a sample found, and between which bounds the true one lies with the plan's confidence.
type SampleEstimate struct {
	Share  float64 `json:"share"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Margin float64 `json:"margin"` // half the width of the bounds
}

// Estimate estimates the share of wrong rows among population from wrong ones among asked: Wilson's interval with the finite
// population's correction, which also says something when nothing wrong was found. Without anybody asked, nothing is known.
func (p SamplePlan) Estimate(wrong, asked, population int) SampleEstimate {
	if asked == 0 {
		return SampleEstimate{High: 1, Margin: 0.5}
	}
	share := float64(wrong) / float64(asked)
	if asked >= population {
		return SampleEstimate{Share: share, Low: share, High: share}
	}
	n := float64(asked) * float64(population-1) / float64(population-asked)
	z2 := p.z() * p.z() / n
	middle := (share + z2/2) / (1 + z2)
	half := math.Sqrt(share*(1-share)*z2+z2*z2/4) / (1 + z2)
	return SampleEstimate{Share: share, Low: max(0, middle-half), High: min(1, middle+half), Margin: half}
}
