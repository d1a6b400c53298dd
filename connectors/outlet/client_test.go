package outlet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/exchange/desk"
	"onecard/connectors/exchange/exchangetest"
	"onecard/connectors/layout"
	"onecard/connectors/outlet"
)

var (
	dispatch = card.File{Partner: outlet.Partner, Kind: card.Dispatch, Date: "20261121", Seq: 9}
	report   = card.File{Partner: outlet.Partner, Kind: card.Report, Date: "20261125", Seq: 2}
)

// Invented people.
var rows = []card.DispatchRow{
	{Ref: 1, Number: "D00000128", Mode: card.Outlet, Outlet: "44060001", Name: "欧阳测试", Phone: "13800000000", Address: "测试路1号"},
	{Ref: 2, Number: "D00000136", Mode: card.Employer, EmployerNo: "91440600TEST00001X", EmployerName: "佛山测试有限公司", Name: "䶮\ue000", Phone: "13800000001", Address: "测试路2号"},
	{Ref: 7, Number: "D00000144", Mode: card.Post, Tracking: "EX000000001CN", Name: "𠮷野·测", Phone: "13800000002", Address: "佛山市禅城区测试路3号"},
}

// Phone and address go to the post only.
func TestDispatch(t *testing.T) {
	t.Parallel()
	x := exchangetest.New(t)
	proof, err := outlet.Client{Desk: desk.Desk{Exchange: x}, Lister: x}.Dispatch(t.Context(), dispatch, exchangetest.Rows(rows, nil))
	require.NoError(t, err)
	require.Equal(t, 3, proof.Rows)
	require.Equal(t, "DISPATCH/1", proof.Layout)
	exchangetest.Golden(t, dispatch, x.Sent[dispatch])
	text, err := layout.GB18030.Decode(x.Sent[dispatch])
	require.NoError(t, err)
	require.Equal(t, "H|DISPATCH|1|OUTLET_DISPATCH_20261121_000009.txt|20261121|\n"+
		"D|1|D00000128|O|44060001||||欧阳测试||\n"+
		"D|2|D00000136|E||91440600TEST00001X|佛山测试有限公司||䶮\ue000||\n"+
		"D|7|D00000144|P||||EX000000001CN|𠮷野·测|13800000002|佛山市禅城区测试路3号\n"+
		"T|3|0\n", text)
}

func content(t *testing.T, lines ...string) []byte {
	b, err := layout.GB18030.Encode(exchangetest.Text(report, "", lines...))
	require.NoError(t, err)
	return b
}

func read(t *testing.T, client outlet.Client) ([]card.ReportRow, error) {
	return exchangetest.All(client.Reports(t.Context(), report))
}

const announced = "OUTLET_DISPATCH_20261121_000009.txt"

func TestReports(t *testing.T) {
	t.Parallel()
	x := exchangetest.New(t)
	client := outlet.Client{Desk: desk.Desk{Exchange: x}, Lister: x}
	files, err := client.NewReports(t.Context())
	require.NoError(t, err)
	require.Empty(t, files)
	_, err = client.Reports(t.Context(), report)
	require.Equal(t, card.Later, card.KindOf(err))

	b := content(t,
		"D|1|D00000128|H|20261125093000|01|C0001|"+announced,
		"D|2|D00000136|H|20261125070000|02|C0001|"+announced,
		"D|3|D00000128|A|20261124000000||C0002|"+announced,
		"D|7|D00000144|R|20261125120000|||"+announced)
	exchangetest.Golden(t, report, b)
	x.Receive(t, report, "REPORT/1", 4, b)
	files, err = client.NewReports(t.Context())
	require.NoError(t, err)
	require.Equal(t, []card.File{report}, files)
	got, err := read(t, client)
	require.NoError(t, err)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC) }
	require.Equal(t, []card.ReportRow{
		{Ref: 1, Number: "D00000128", Event: card.ReportHanded, At: at(25, 1, 30), Proof: card.ProofIDCard, Clerk: "C0001", Dispatch: dispatch},
		{Ref: 2, Number: "D00000136", Event: card.ReportHanded, At: at(24, 23, 0), Proof: card.ProofProxy, Clerk: "C0001", Dispatch: dispatch},
		{Ref: 3, Number: "D00000128", Event: card.ReportArrived, At: at(23, 16, 0), Clerk: "C0002", Dispatch: dispatch},
		{Ref: 7, Number: "D00000144", Event: card.ReportReturned, At: at(25, 4, 0), Dispatch: dispatch},
	}, got)
	require.NoError(t, client.Done(t.Context(), report))
	files, err = client.NewReports(t.Context())
	require.NoError(t, err)
	require.Empty(t, files)
}

func TestRefusedReports(t *testing.T) {
	t.Parallel()
	for line, fault := range map[string]string{
		"D|1|D00000127|A|20261125093000|||" + announced:                                   "line 2 ref 1 column 3 (card_no)",
		"D|1|D00000128|X|20261125093000|||" + announced:                                   `column 4 (event): found "X", expected A, H or R`,
		"D|1|D00000128|A||||" + announced:                                                 "column 5 (time): found nothing, expected a time",
		"D|1|D00000128|A|20261131093000|||" + announced:                                   "column 5 (time): found 14 characters",
		"D|1|D00000128|H|20261125093000||C1|" + announced:                                 "column 6 (proof): found nothing, expected 01 or 02, for the event is H",
		"D|1|D00000128|H|20261125093000|03|C1|" + announced:                               `column 6 (proof): found "03", expected 01 or 02`,
		"D|1|D00000128|R|20261125093000|01|C1|" + announced:                               `column 6 (proof): found "01", expected nothing, for the event is not H`,
		"D|1|D00000128|A|20261125093000||C1|OUTLET_REPORT_20261121_000009.txt":            "column 8 (dispatch): found 33 characters",
		"D|1|D00000128|A|20261125093000||C1|":                                             "column 8 (dispatch): found nothing",
		"D|1|D00000128|A|20261125093000||张三|" + announced:                                 "column 7 (clerk): found 2 characters 字{2}",
		"D|1|D00000128|A|20261125093000||C1|" + strings.ReplaceAll(announced, "_", "/"):   "column 8 (dispatch)",
		"D|1|D00000128|A|20261125093000||C1|" + announced + "\nD|1|D00000128|R||||" + "x": "line 3 column 2 (ref): found ref 1 again",
	} {
		x := exchangetest.New(t)
		lines := strings.Split(line, "\n")
		x.Receive(t, report, "REPORT/1", len(lines), content(t, lines...))
		_, err := read(t, outlet.Client{Desk: desk.Desk{Exchange: x}, Lister: x})
		require.Equal(t, card.Invalid, card.KindOf(err), line)
		require.ErrorContains(t, err, fault, line)
	}
}

func TestARowThatCannotBeSent(t *testing.T) {
	t.Parallel()
	bad := []card.DispatchRow{rows[0], rows[2]}
	bad[1].Address = "测试|路"
	x := exchangetest.New(t)
	proof, err := outlet.Client{Desk: desk.Desk{Exchange: x}, Lister: x}.Dispatch(t.Context(), dispatch, exchangetest.Rows(bad, nil))
	require.NoError(t, err)
	require.Equal(t, 1, proof.Rows)
	require.Len(t, proof.Refused, 1)
	require.Contains(t, proof.Refused[0].String(), "FIELD_CHARACTERS row 7 line 3 column 11 (address)")
}

func TestFilesOfAnotherKind(t *testing.T) {
	t.Parallel()
	client := outlet.Client{Desk: desk.Desk{Exchange: exchangetest.New(t)}}
	_, err := client.Dispatch(t.Context(), report, exchangetest.Rows(rows, nil))
	require.Equal(t, card.Internal, card.KindOf(err))
	_, err = client.Reports(t.Context(), dispatch)
	require.Equal(t, card.Internal, card.KindOf(err))
}
