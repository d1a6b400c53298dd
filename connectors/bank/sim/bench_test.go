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

// BenchmarkPaying deals with one file of b.N payments, from the inbox to the answer and the books.
func BenchmarkPaying(b *testing.B) {
	rows := make([]string, b.N)
	for i := range rows {
		rows[i] = payRow(i+1, 1, 15_000)
	}
	h := simtest.New(b)
	bank, err := New("ICBC", Payer{payer, DefaultFen})
	if err != nil {
		b.Fatal(err)
	}
	p := h.Start(h.Config("ICBC", bank))
	h.SendMoney(fundReq, DefaultFen, fmt.Sprintf("1|%s|B|%s|%d|", block1, payer, int64(DefaultFen)))
	h.Answer(p, fundRet)
	b.ReportAllocs()
	b.ResetTimer()
	h.SendMoney(payReq, int64(b.N)*15_000, rows...)
	h.Wait(payRet + ".ok")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
