package bureau_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/bureau"
	"onecard/connectors/exchange/desk"
	"onecard/connectors/exchange/exchangetest"
	"onecard/connectors/layout"
)

var (
	request = card.File{Partner: "BUREAU", Kind: card.CardReq, Date: "20261121", Seq: 3}
	answer  = request.Answer(card.CardRet)
)

// Invented people: the area 440100 is nobody's, the PANs begin with 629999.
var orders = []card.Order{
	order(1, "D00000128", card.Person{
		DocType: card.DocResidentID, SSN: "440100199001010015", Name: "欧阳测试", Sex: card.Male, Ethnic: "01", Birth: "19900101",
	}),
	order(2, "D00000136", card.Person{
		DocType: card.DocHMTResidence, SSN: "810000199203070028", Name: "很长很长很长很长很长很长很长·𠮷䶮\ue000", Sex: card.Female, Birth: "19920307",
	}),
	order(5, "D00000144", card.Person{
		DocType: card.DocMilitaryOfficer, SSN: "测字第00001号", Name: "试三", Sex: card.Male, Ethnic: "11", Birth: "19850615",
	}),
}

func order(ref int, number card.Number, p card.Person) card.Order {
	return card.Order{
		Ref: ref, Number: number, Person: p, PAN: "6299990000000000012", City: "440600", Outlet: "44060001",
		Face: "F3-2026.1", Issued: "20261121", ValidUntil: "20361121",
	}
}

// sent publishes orders and returns the fields of each line of the file.
func sent(t *testing.T, orders ...card.Order) (content []byte, lines [][]string) {
	x := exchangetest.New(t)
	proof, err := bureau.Client{Desk: desk.Desk{Exchange: x}}.OrderCards(t.Context(), request, exchangetest.Rows(orders, nil))
	require.NoError(t, err)
	require.Equal(t, len(orders), proof.Rows)
	require.Equal(t, "CARDREQ/1", proof.Layout)
	text, err := layout.GB18030.Decode(x.Sent[request])
	require.NoError(t, err)
	for line := range strings.Lines(text) {
		lines = append(lines, strings.Split(strings.TrimSuffix(line, "\n"), "|"))
	}
	return x.Sent[request], lines
}

func TestRequest(t *testing.T) {
	t.Parallel()
	content, lines := sent(t, orders...)
	exchangetest.Golden(t, request, content)
	require.Equal(t, []string{"H", "CARDREQ", "1", "BUREAU_CARDREQ_20261121_000003.txt", "20261121", ""}, lines[0])
	require.Equal(t, []string{
		"D", "1", "D00000128", "440100199001010015", "欧阳测试", "6299990000000000012", "F3-2026.1", "44060001",
		"020131" + "0304332E3030" + "040C" + "9156000002" + "440000" + "440600" + "00" + "050420261121" + "060420361121" + "0709443030303030313238",
		"0812343430313030313939303031303130303135" + "091EC5B7D1F4B2E2CAD4" + strings.Repeat("00", 22) + "4E14" + strings.Repeat("00", 20) +
			"0A0131" + "0B0101" + "0C03440100" + "0D0419900101",
	}, lines[1])
	require.Equal(t, []string{"T", "3", "0"}, lines[4])
}

// A long name goes on in tag 4E, and no character is torn; what is unknown is empty in the chip's way.
func TestHolderRecords(t *testing.T) {
	t.Parallel()
	_, lines := sent(t, orders...)
	records := func(line []string) map[byte][]byte {
		b, err := hex.DecodeString(line[9])
		require.NoError(t, err)
		tlvs, err := card.ParseTLV(b)
		require.NoError(t, err)
		values := map[byte][]byte{}
		for _, tlv := range tlvs {
			values[tlv.Tag] = tlv.Value
		}
		return values
	}
	long := records(lines[2])
	head, err := layout.GB18030.Decode([]byte(strings.TrimRight(string(long[card.TagName]), "\x00")))
	require.NoError(t, err)
	rest, err := layout.GB18030.Decode([]byte(strings.TrimRight(string(long[card.TagNameExt]), "\x00")))
	require.NoError(t, err)
	require.Equal(t, "很长很长很长很长很长很长很长·", head)
	require.Equal(t, "𠮷䶮\ue000", rest)
	require.Equal(t, []byte{0xFF}, long[card.TagEthnic])
	require.Equal(t, []byte{0xFF, 0xFF, 0xFF}, long[card.TagBirthplace])

	officer := records(lines[3])
	number, err := layout.GB18030.Decode([]byte(strings.TrimRight(string(officer[card.TagSSN]), "\x00")))
	require.NoError(t, err)
	require.Equal(t, "测字第00001号", number)
}

func TestRowsThatCannotBeSent(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*card.Order)
		reason card.Reason
		fault  string
	}{
		{"a name that is no text", func(o *card.Order) { o.Person.Name = "张\xff" }, card.ReasonNameUnencodable, "row 5"},
		{"a number that is no text", func(o *card.Order) { o.Person.SSN = "\xff" }, card.ReasonDocShape, "row 5"},
		{"a name beyond the chip", func(o *card.Order) { o.Person.Name = strings.Repeat("长", 26) }, card.ReasonNameTooLong, "row 5"},
		{"a number beyond the chip", func(o *card.Order) { o.Person.SSN = strings.Repeat("1", 19) }, card.ReasonDocShape, "row 5"},
		{"no face", func(o *card.Order) { o.Face = "" }, card.ReasonFileLayout, "row 5 line 3 column 7 (face): found nothing"},
		{"no PAN", func(o *card.Order) { o.PAN = "" }, card.ReasonFileLayout, "row 5 line 3 column 6 (pan): found nothing"},
	}
	for _, c := range cases {
		x := exchangetest.New(t)
		bad := orders[2]
		c.change(&bad)
		proof, err := bureau.Client{Desk: desk.Desk{Exchange: x}}.OrderCards(t.Context(), request, exchangetest.Rows([]card.Order{orders[0], bad}, nil))
		require.NoError(t, err, c.name)
		require.Equal(t, 1, proof.Rows, c.name)
		require.Len(t, proof.Refused, 1, c.name)
		require.Equal(t, c.reason, proof.Refused[0].Reason, c.name)
		require.Contains(t, proof.Refused[0].String(), c.fault, c.name)
	}
}

const ident, atr = "440600D15600000500000001DE1B38F3", "0081544B31869B440100000001"

func receive(t *testing.T, lines ...string) (*exchangetest.Exchange, bureau.Client, []byte) {
	content, err := layout.GB18030.Encode(exchangetest.Text(answer, request.Name(), lines...))
	require.NoError(t, err)
	x := exchangetest.New(t)
	x.Receive(t, answer, "CARDRET/1", len(lines), content)
	return x, bureau.Client{Desk: desk.Desk{Exchange: x}}, content
}

func read(t *testing.T, client bureau.Client) ([]card.OrderAnswer, error) {
	return exchangetest.All(client.Cards(t.Context(), answer))
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	x, client, content := receive(t,
		"D|1|D00000128|"+ident+"|"+atr+"|03-0017-042|00|",
		"D|2|D00000136||||M02|打印头故障",
		"D|5|D00000144|"+strings.ToLower(ident)+"|"+strings.ToLower(atr)+"||M01|")
	exchangetest.Golden(t, answer, content)
	got, err := read(t, client)
	require.NoError(t, err)
	require.Equal(t, []card.OrderAnswer{
		{Ref: 1, Number: "D00000128", Ident: ident, ATR: atr, Position: "03-0017-042", Result: "00"},
		{Ref: 2, Number: "D00000136", Result: "M02", Reason: card.ReasonMakeFailedM02, Note: "打印头故障"},
		{Ref: 5, Number: "D00000144", Ident: ident, ATR: atr, Result: "M01", Reason: card.ReasonMakeFailedM01},
	}, got)
	require.NoError(t, client.Done(t.Context(), answer))
	require.True(t, x.Finished[answer])
}

func TestNoAnswerYet(t *testing.T) {
	t.Parallel()
	_, err := bureau.Client{Desk: desk.Desk{Exchange: exchangetest.New(t)}}.Cards(t.Context(), answer)
	require.Equal(t, card.Later, card.KindOf(err))
}

func TestRefusedAnswers(t *testing.T) {
	t.Parallel()
	for line, fault := range map[string]string{
		"D|1|D00000127|||||":                         "(result): found nothing",
		"D|1|D00000127||||M01|":                      "line 2 ref 1 column 3 (card_no): found 9 characters A9{8}, expected a card number",
		"D|1|D00000128||||M07|":                      `column 7 (result): found "M07", expected a result: 00, M01, M02, M03 or M09`,
		"D|1|D00000128||" + atr + "|03-0017-042|00|": "column 4 (ident_code): found nothing, expected a prefecture of the province",
		"D|1|D00000128|" + "11" + ident[2:] + "|" + atr + "|03-0017-042|00|":  "column 4 (ident_code): found 32 characters",
		"D|1|D00000128|" + ident[:6] + "F" + ident[7:] + "|||M01|":            "column 4 (ident_code)",
		"D|1|D00000128|" + ident[:30] + "|" + atr + "|03-0017-042|00|":        "column 4 (ident_code): found 30 characters",
		"D|1|D00000128|" + ident + "||03-0017-042|00|":                        "column 5 (atr_history): found nothing, expected 26 hexadecimal digits",
		"D|1|D00000128|" + ident + "|" + atr[:24] + "|03-0017-042|00|":        "column 5 (atr_history): found 24 characters",
		"D|1|D00000128|" + ident + "|" + atr + "||00|":                        "column 6 (position): found nothing, expected bin, box and slot as 99-9999-999",
		"D|1|D00000128|" + ident + "|" + atr + "|3-00017-042|00|":             "column 6 (position): found 11 characters 9-9{5}-9{3}",
		"D|1|D00000128|" + ident + "|" + atr + "|A3-0017-042|00|":             "column 6 (position)",
		"D|1|D00000128|" + ident + "|" + atr + "|03-0017-0421|00|":            "column 6 (position): found 12 characters",
		"D|1|D00000128|" + ident + "|" + atr + "|03-0017-042|00|\nD|1|X|||||": "line 3 column 2 (ref): found ref 1 again",
	} {
		_, client, _ := receive(t, strings.Split(line, "\n")...)
		_, err := read(t, client)
		require.Equal(t, card.Invalid, card.KindOf(err), line)
		require.ErrorContains(t, err, fault, line)
	}
}

func TestFilesOfAnotherKind(t *testing.T) {
	t.Parallel()
	client := bureau.Client{Desk: desk.Desk{Exchange: exchangetest.New(t)}}
	_, err := client.OrderCards(t.Context(), answer, exchangetest.Rows([]card.Order{}, nil))
	require.Equal(t, card.Internal, card.KindOf(err))
	_, err = client.Cards(t.Context(), request)
	require.Equal(t, card.Internal, card.KindOf(err))
}
