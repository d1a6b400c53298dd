package sim

import (
	"fmt"
	"testing"

	"onecard/connectors/exchange/sim/simtest"
)

// BenchmarkProduction deals with one file of b.N production rows, from the inbox to the answer.
func BenchmarkProduction(b *testing.B) {
	rows := make([]string, b.N)
	o := order()
	for i := range rows {
		o["ref"] = fmt.Sprint(i + 1)
		rows[i] = row(o)
	}
	h := simtest.New(b)
	h.Send(request, rows...)
	bureau, err := New()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	h.Start(h.Config("BUREAU", bureau))
	h.Wait(returned + ".ok")
}
