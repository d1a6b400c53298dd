package bank_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/bank"
	"onecard/connectors/exchange/desk"
	"onecard/connectors/exchange/exchangetest"
	"onecard/connectors/layout"
)

var request = card.File{Partner: "ICBC", Kind: card.AcctReq, Date: "20261121", Seq: 17}

// Invented people: the area 440100 is nobody's, the PANs begin with 629999.
var orders = []card.AccountOrder{
	{Ref: 1, Number: "D00000128", Outlet: "44060001", Person: card.Person{
		DocType: card.DocResidentID, SSN: "440100199001010015", Name: "欧阳测试", Sex: card.Male, Ethnic: "01",
		Birth: "19900101", Phone: "13800000000", Address: "佛山市禅城区测试路1号",
	}},
	{Ref: 3, Number: "D00000136", Person: card.Person{
		DocType: card.DocHMTResidence, SSN: "810000199203070028", Name: "阿依·𠮷䶮\ue000", Sex: card.SexUnknown, Birth: "19920307",
	}},
}

// file returns the bytes of a file of partner ICBC, sequence 17, with these detail lines.
func file(t *testing.T, kind, answered card.FileKind, lines ...string) []byte {
	b, err := layout.GB18030.Encode(exchangetest.Text(request.Answer(kind), request.Answer(answered).Name(), lines...))
	require.NoError(t, err)
	return b
}

func TestAccountRequest(t *testing.T) {
	t.Parallel()
	x := exchangetest.New(t)
	proof, err := bank.Client{Desk: desk.Desk{Exchange: x}}.RequestAccounts(t.Context(), request, exchangetest.Rows(orders, nil))
	require.NoError(t, err)
	require.Equal(t, 2, proof.Rows)
	require.Equal(t, "ACCTREQ/1", proof.Layout)
	exchangetest.Golden(t, request, x.Sent[request])
	text, err := layout.GB18030.Decode(x.Sent[request])
	require.NoError(t, err)
	require.Equal(t, "H|ACCTREQ|1|ICBC_ACCTREQ_20261121_000017.txt|20261121|\n"+
		"D|1|D00000128|01|440100199001010015|欧阳测试|1|19900101|13800000000|佛山市禅城区测试路1号|44060001\n"+
		"D|3|D00000136|11|810000199203070028|阿依·𠮷䶮\ue000|9|19920307|||\n"+
		"T|2|0\n", text)
}

func TestAccountAnswer(t *testing.T) {
	t.Parallel()
	x := exchangetest.New(t)
	client := bank.Client{Desk: desk.Desk{Exchange: x}}
	answer := request.Answer(card.AcctRet)
	_, err := client.Accounts(t.Context(), answer)
	require.Equal(t, card.Later, card.KindOf(err))

	content := file(t, card.AcctRet, card.AcctReq,
		"D|1|D00000128|6299990000000000012|4406000000001|00|",
		"D|3|D00000136|||E03|姓名无法承载")
	exchangetest.Golden(t, answer, content)
	x.Receive(t, answer, "ACCTRET/1", 2, content)
	rows, err := client.Accounts(t.Context(), answer)
	got, err := exchangetest.All(rows, err)
	require.NoError(t, err)
	want := []card.AccountAnswer{
		{Ref: 1, Number: "D00000128", PAN: "6299990000000000012", Account: "4406000000001", Result: "00"},
		{Ref: 3, Number: "D00000136", Result: "E03", Reason: card.ReasonAccountRefusedE03, Note: "姓名无法承载"},
	}
	require.Equal(t, want, got)
	again, err := exchangetest.All(rows, nil)
	require.NoError(t, err)
	require.Equal(t, want, again)

	require.NoError(t, client.Done(t.Context(), answer))
	require.True(t, x.Finished[answer])
}

func TestEnquiry(t *testing.T) {
	t.Parallel()
	x := exchangetest.New(t)
	client := bank.Client{Desk: desk.Desk{Exchange: x}}
	ask, answer := request.Answer(card.AcctEnq), request.Answer(card.AcctEnr)
	enquiries := []card.AccountEnquiry{{Ref: 1, Number: "D00000128", SSN: "440100199001010015"}, {Ref: 3, Number: "D00000136", SSN: "810000199203070028"}}
	_, err := client.Enquire(t.Context(), ask, exchangetest.Rows(enquiries, nil))
	require.NoError(t, err)
	exchangetest.Golden(t, ask, x.Sent[ask])

	content := file(t, card.AcctEnr, card.AcctEnq,
		"D|1|D00000128|6299990000000000012|4406000000001|00|",
		"D|3|D00000136|||90|")
	exchangetest.Golden(t, answer, content)
	x.Receive(t, answer, "ACCTENR/1", 2, content)
	rows, err := client.Enquiries(t.Context(), answer)
	got, err := exchangetest.All(rows, err)
	require.NoError(t, err)
	require.Equal(t, card.ResultDone, got[0].Result)
	require.Equal(t, card.AccountAnswer{Ref: 3, Number: "D00000136", Result: card.ResultNeverReceived}, got[1])
}

func TestActivation(t *testing.T) {
	t.Parallel()
	x := exchangetest.New(t)
	client := bank.Client{Desk: desk.Desk{Exchange: x}}
	ask, answer := request.Answer(card.ActReq), request.Answer(card.ActRet)
	_, err := client.RequestActivations(t.Context(), ask, exchangetest.Rows([]card.ActivationOrder{{Ref: 1, Number: "D00000128", PAN: "6299990000000000012"}}, nil))
	require.NoError(t, err)
	exchangetest.Golden(t, ask, x.Sent[ask])

	content := file(t, card.ActRet, card.ActReq,
		"D|1|D00000128|00|20261122003000|",
		"D|3|D00000136|A01||未签约")
	exchangetest.Golden(t, answer, content)
	x.Receive(t, answer, "ACTRET/1", 2, content)
	rows, err := client.Activations(t.Context(), answer)
	got, err := exchangetest.All(rows, err)
	require.NoError(t, err)
	require.Equal(t, []card.ActivationAnswer{
		{Ref: 1, Number: "D00000128", Result: "00", At: time.Date(2026, 11, 21, 16, 30, 0, 0, time.UTC)},
		{Ref: 3, Number: "D00000136", Result: "A01", Reason: card.ReasonActivateA01, Note: "未签约"},
	}, got)
}

func TestRefusedAccountAnswers(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, line, fault string }{
		{"another check character", "D|1|D00000127|||E01|", "line 2 ref 1 column 3 (card_no): found 9 characters A9{8}, expected a card number with the right check character"},
		{"a PAN with a wrong digit", "D|1|D00000128|6299990000000000018|1|00|", "column 4 (pan): found 19 characters 9{19}, expected 16 to 19 digits that begin with 62"},
		{"a PAN of another prefix", "D|1|D00000128|4299990000000000014|1|00|", "column 4 (pan)"},
		{"no PAN", "D|1|D00000128||1|00|", "column 4 (pan): found nothing"},
		{"no account", "D|1|D00000128|6299990000000000012||00|", "column 5 (account): found nothing, expected an account"},
		{"an account of strange characters", "D|1|D00000128|6299990000000000012|一|00|", "column 5 (account)"},
		{"a PAN beside a refusal", "D|1|D00000128|6299990000000000012||E01|", "column 4 (pan): found 19 characters 9{19}, expected nothing, for the result is not 00"},
		{"an account beside a refusal", "D|1|D00000128||1|E01|", "column 5 (account): found 1 characters 9, expected nothing, for the result is not 00"},
		{"an unknown result", "D|1|D00000128|||E05|", `column 6 (result): found "E05", expected a result: 00, E01, E02, E03, E04 or E09`},
		{"an enquiry's result", "D|1|D00000128|||90|", `column 6 (result): found "90"`},
	}
	for _, c := range cases {
		x := exchangetest.New(t)
		answer := request.Answer(card.AcctRet)
		x.Receive(t, answer, "ACCTRET/1", 1, file(t, card.AcctRet, card.AcctReq, c.line))
		rows, err := bank.Client{Desk: desk.Desk{Exchange: x}}.Accounts(t.Context(), answer)
		_, err = exchangetest.All(rows, err)
		require.Equal(t, card.Invalid, card.KindOf(err), c.name)
		require.Equal(t, card.ReasonFileLayout, card.ReasonOf(err), c.name)
		require.ErrorContains(t, err, c.fault, c.name)
		require.NotContains(t, err.Error(), "629999", c.name)
	}
}

func TestRefusedActivationsAndEnquiries(t *testing.T) {
	t.Parallel()
	x := exchangetest.New(t)
	client := bank.Client{Desk: desk.Desk{Exchange: x}}
	act, enr := request.Answer(card.ActRet), request.Answer(card.AcctEnr)
	for line, fault := range map[string]string{
		"D|1|D00000128|00||":               "column 5 (time): found nothing, expected a time YYYYMMDDHHMMSS, for the result is 00",
		"D|1|D00000128|00|20261322003000|": "column 5 (time): found 14 characters",
		"D|1|D00000128|A02||":              `column 4 (result): found "A02", expected a result: 00, A01 or A09`,
		"D|1|D00000129|A01||":              "column 3 (card_no)",
	} {
		x.Receive(t, act, "ACTRET/1", 1, file(t, card.ActRet, card.ActReq, line))
		rows, err := client.Activations(t.Context(), act)
		_, err = exchangetest.All(rows, err)
		require.ErrorContains(t, err, fault, line)
	}
	x.Receive(t, enr, "ACCTENR/1", 1, file(t, card.AcctEnr, card.AcctEnq, "D|1|D00000128|||91|"))
	rows, err := client.Enquiries(t.Context(), enr)
	_, err = exchangetest.All(rows, err)
	require.ErrorContains(t, err, `found "91", expected a result: 00, 90, E01`)
}

// What the manifest promises is held against the file.
func TestAnAnswerThatIsNotAsDeclared(t *testing.T) {
	t.Parallel()
	x := exchangetest.New(t)
	answer := request.Answer(card.AcctRet)
	content := file(t, card.AcctRet, card.AcctReq, "D|1|D00000128|||E01|")
	for layout, rows := range map[string]int{"ACCTRET/1": 2, "ACCTRET/2": 1} {
		x.Receive(t, answer, layout, rows, content)
		got, err := bank.Client{Desk: desk.Desk{Exchange: x}}.Accounts(t.Context(), answer)
		_, err = exchangetest.All(got, err)
		require.Contains(t, []card.Reason{card.ReasonFileRows, card.ReasonFileLayout}, card.ReasonOf(err))
	}
}

func TestRowsThatCannotBeSent(t *testing.T) {
	t.Parallel()
	x := exchangetest.New(t)
	client := bank.Client{Desk: desk.Desk{Exchange: x}}
	bad := slices.Clone(orders)
	bad[1].Person.Name = "张\xff"
	proof, err := client.RequestAccounts(t.Context(), request, exchangetest.Rows(bad, nil))
	require.NoError(t, err)
	require.Equal(t, len(bad)-1, proof.Rows)
	require.Len(t, proof.Refused, 1)
	require.Equal(t, "NAME_UNENCODABLE row 3 line 3 column 6 (name): found a character that GB18030 cannot carry at byte 4 of the UTF-8 text, "+
		"expected characters of GB18030", proof.Refused[0].String())

	clear(x.Sent)
	ledger := errors.New("ledger gone")
	_, err = client.RequestAccounts(t.Context(), request, exchangetest.Rows(orders, ledger))
	require.ErrorIs(t, err, ledger)
	require.Empty(t, x.Sent)
}

func TestFilesOfAnotherKind(t *testing.T) {
	t.Parallel()
	client := bank.Client{Desk: desk.Desk{Exchange: exchangetest.New(t)}}
	_, err := client.RequestAccounts(t.Context(), request.Answer(card.ActReq), exchangetest.Rows(orders, nil))
	require.Equal(t, card.Internal, card.KindOf(err))
	_, err = client.Accounts(t.Context(), request)
	require.Equal(t, card.Internal, card.KindOf(err))
}
