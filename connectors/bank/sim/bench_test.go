package sim

import (
	"fmt"
	"testing"

	"onecard/connectors/exchange/sim/simtest"
)

// BenchmarkOpening deals with one file of b.N account requests, from the inbox to the answer.
func BenchmarkOpening(b *testing.B) {
	rows := make([]string, b.N)
	for i := range rows {
		rows[i] = fmt.Sprintf("%d|%s", i+1, person)
	}
	h := simtest.New(b)
	h.Send(request, rows...)
	bank, err := New("ICBC")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	h.Start(h.Config("ICBC", bank))
	h.Wait(returned + ".ok")
}
