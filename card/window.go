package card

import "time"

// Window is when a partner takes something: on each day of its schedule, from its opening to the cut-off.
type Window struct {
	Schedule
	Opens Clock
}

// Next returns t itself while the window is open, else when it opens next. At the cut-off it is closed.
func (w Window) Next(t time.Time) time.Time {
	day, _ := w.NextCutOff(t)
	if opens := day.At(w.Opens); opens.After(t) {
		return opens
	}
	return t
}
