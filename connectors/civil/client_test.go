package civil_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/civil"
	"onecard/connectors/exchange/desk"
	"onecard/connectors/exchange/exchangetest"
	"onecard/connectors/layout"
)

var (
	request = card.File{Partner: "CIVIL", Kind: card.MatchReq, Date: "20261121", Seq: 1}
	answer  = request.Answer(card.MatchRet)
)

// Invented people: the areas 440100 and 440300 are nobody's.
var people = []card.MatchRow{
	{Ref: 1, DocType: card.DocResidentID, SSN: "440100199001010015", Name: "欧阳测试", Birth: "19900101"},
	{Ref: 2, DocType: card.DocHMTResidence, SSN: "810000199203070028", Name: "䶮\ue81e𠮷", Birth: "19920307"},
	{Ref: 12, DocType: card.DocResidentID, SSN: "440300198506150124", Name: "阿卜杜拉·买买提", Birth: "19850615"},
	{Ref: 13, DocType: card.DocPassport, SSN: "TEST00001", Name: "ZOË O'TEST", Birth: "19990101"},
}

func receive(t *testing.T, lines ...string) (*exchangetest.Exchange, civil.Client, []byte) {
	content, err := layout.GB18030.Encode(exchangetest.Text(answer, request.Name(), lines...))
	require.NoError(t, err)
	x := exchangetest.New(t)
	x.Receive(t, answer, "MATCHRET/1", len(lines), content)
	return x, civil.Client{Desk: desk.Desk{Exchange: x}}, content
}

func read(t *testing.T, client civil.Client) ([]card.MatchAnswer, error) {
	return exchangetest.All(client.Matches(t.Context(), answer))
}

func TestRequest(t *testing.T) {
	t.Parallel()
	x := exchangetest.New(t)
	proof, err := civil.Client{Desk: desk.Desk{Exchange: x}}.RequestMatch(t.Context(), request, exchangetest.Rows(people, nil))
	require.NoError(t, err)
	require.Equal(t, 4, proof.Rows)
	require.Equal(t, "MATCHREQ/1", proof.Layout)
	exchangetest.Golden(t, request, x.Sent[request])
	text, err := layout.GB18030.Decode(x.Sent[request])
	require.NoError(t, err)
	require.Equal(t, "H|MATCHREQ|1|CIVIL_MATCHREQ_20261121_000001.txt|20261121|\n"+
		"D|1|01|440100199001010015|欧阳测试|19900101\n"+
		"D|2|11|810000199203070028|䶮\ue81e𠮷|19920307\n"+
		"D|12|01|440300198506150124|阿卜杜拉·买买提|19850615\n"+
		"D|13|08|TEST00001|ZOË O'TEST|19990101\n"+
		"T|4|0\n", text)
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	x, client, content := receive(t,
		"D|1|440100199001010015|00|",
		"D|2|810000199203070028|01|",
		"D|12|440300198506150124|03|20260930",
		"D|13|TEST00001|02|")
	exchangetest.Golden(t, answer, content)
	got, err := read(t, client)
	require.NoError(t, err)
	require.Equal(t, []card.MatchAnswer{
		{Ref: 1, SSN: "440100199001010015", Result: "00"},
		{Ref: 2, SSN: "810000199203070028", Result: "01", Reason: card.ReasonMatchUnknown},
		{Ref: 12, SSN: "440300198506150124", Result: "03", Reason: card.ReasonMatchDeceased, Died: "20260930"},
		{Ref: 13, SSN: "TEST00001", Result: "02", Reason: card.ReasonMatchNameDiffers},
	}, got)
	require.NoError(t, client.Done(t.Context(), answer))
	require.True(t, x.Finished[answer])
}

func TestNoAnswerYet(t *testing.T) {
	t.Parallel()
	_, err := civil.Client{Desk: desk.Desk{Exchange: exchangetest.New(t)}}.Matches(t.Context(), answer)
	require.Equal(t, card.Later, card.KindOf(err))
}

func TestRefusedAnswers(t *testing.T) {
	t.Parallel()
	for line, fault := range map[string]string{
		"D|1|440100199001010015|04|":            `line 2 ref 1 column 4 (result): found "04", expected a result: 00, 01, 02 or 03`,
		"D|1|440100199001010015|00|20260930":    "column 5 (died): found 8 characters 9{8}, expected a date of death only with result 03",
		"D|1|440100199001010015|03|20260931":    "column 5 (died): found 8 characters 9{8}, expected a date YYYYMMDD or nothing",
		"D|1||00|":                              "column 3 (number): found nothing, expected 1 to 18 characters",
		"D|1|4401001990010100151|00|":           "column 3 (number): found 19 characters 9{19}",
		"D|1|00|440100199001010015|":            "column 4 (result): found 18 characters 9{18}",
		"D|1|440100199001010015|欧阳测试|00|":       "found 6 fields, expected 5",
		"D|1|440100199001010015|00|\nD|1|X|00|": "line 3 column 2 (ref): found ref 1 again",
		"D|2|440100199001010015|00|\nD|1|X|00|": "found ref 1 after ref 2",
		"D|1|440100199001010015|00|\nX|2|X|00|": `found "X" as first field`,
	} {
		_, client, _ := receive(t, strings.Split(line, "\n")...)
		_, err := read(t, client)
		require.Equal(t, card.Invalid, card.KindOf(err), line)
		require.ErrorContains(t, err, fault, line)
		require.NotContains(t, err.Error(), "440100199001010015")
	}
}

func TestARowThatCannotBeSent(t *testing.T) {
	t.Parallel()
	bad := slices.Clone(people)
	bad[2].Name = "阿\xb7买"
	x := exchangetest.New(t)
	proof, err := civil.Client{Desk: desk.Desk{Exchange: x}}.RequestMatch(t.Context(), request, exchangetest.Rows(bad, nil))
	require.NoError(t, err)
	require.Equal(t, 3, proof.Rows)
	require.Len(t, proof.Refused, 1)
	require.Contains(t, proof.Refused[0].String(), "NAME_UNENCODABLE row 12 line 4 column 5 (name)")
}

func TestFilesOfAnotherKind(t *testing.T) {
	t.Parallel()
	client := civil.Client{Desk: desk.Desk{Exchange: exchangetest.New(t)}}
	_, err := client.RequestMatch(t.Context(), answer, exchangetest.Rows(people, nil))
	require.Equal(t, card.Internal, card.KindOf(err))
	_, err = client.Matches(t.Context(), request)
	require.Equal(t, card.Internal, card.KindOf(err))
}
