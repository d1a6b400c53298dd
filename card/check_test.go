package card_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
)

var today = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func goodApplication() card.Application {
	return card.Application{
		Row: 1,
		Person: card.Person{
			DocType: card.DocResidentID, SSN: "440100199001010015", Name: "欧阳测试", Sex: card.Male, Ethnic: "01",
			Birth: "19900101", Phone: "13800138000", Address: "广东省佛山市禅城区测试路1号", Postcode: "528000",
		},
		City: "440600", Bank: "102", Outlet: "44060001", Mode: card.Outlet,
	}
}

func TestCheckApplication(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(a *card.Application)
		want   []card.Reason
	}{
		"good":                     {func(*card.Application) {}, nil},
		"no number":                {func(a *card.Application) { a.Person.SSN = "" }, []card.Reason{card.ReasonIDMissing}},
		"check digit":              {func(a *card.Application) { a.Person.SSN = "440100199001010016" }, []card.Reason{card.ReasonIDCheckDigit}},
		"sex differs":              {func(a *card.Application) { a.Person.Sex = card.Female }, []card.Reason{card.ReasonIDSexDiffers}},
		"sex not stated":           {func(a *card.Application) { a.Person.Sex = card.NotStated }, nil},
		"sex missing":              {func(a *card.Application) { a.Person.Sex = "" }, []card.Reason{card.ReasonSexUnknown}},
		"birth differs":            {func(a *card.Application) { a.Person.Birth = "19900102" }, []card.Reason{card.ReasonIDBirthDiffers}},
		"birth impossible":         {func(a *card.Application) { a.Person.Birth = "19900230" }, []card.Reason{card.ReasonBirthDate}},
		"permit as resident id":    {func(a *card.Application) { a.Person.SSN = "810000199001010019" }, []card.Reason{card.ReasonDocShape}},
		"document unknown":         {func(a *card.Application) { a.Person.DocType = "55" }, []card.Reason{card.ReasonDocTypeUnknown}},
		"name missing":             {func(a *card.Application) { a.Person.Name = "" }, []card.Reason{card.ReasonNameMissing}},
		"name with note":           {func(a *card.Application) { a.Person.Name = "欧阳测试(低保)" }, []card.Reason{card.ReasonNameCharacters}},
		"name too long":            {func(a *card.Application) { a.Person.Name = strings.Repeat("测", 26) }, []card.Reason{card.ReasonNameTooLong}},
		"name rare":                {func(a *card.Application) { a.Person.Name = "𠮷䶮" }, nil},
		"name of the minority":     {func(a *card.Application) { a.Person.Name = "阿卜杜拉·麦麦提" }, nil},
		"ethnic missing":           {func(a *card.Application) { a.Person.Ethnic = "" }, []card.Reason{card.ReasonEthnicUnknown}},
		"ethnic as name":           {func(a *card.Application) { a.Person.Ethnic = "汉" }, []card.Reason{card.ReasonEthnicUnknown}},
		"phone":                    {func(a *card.Application) { a.Person.Phone = "12800138000" }, []card.Reason{card.ReasonPhone}},
		"address missing":          {func(a *card.Application) { a.Person.Address = "" }, []card.Reason{card.ReasonAddressMissing}},
		"address too long":         {func(a *card.Application) { a.Person.Address = strings.Repeat("路", 101) }, []card.Reason{card.ReasonAddressTooLong}},
		"postcode":                 {func(a *card.Application) { a.Person.Postcode = "52800" }, []card.Reason{card.ReasonPostcode}},
		"separator in address":     {func(a *card.Application) { a.Person.Address = "测试路|1号" }, []card.Reason{card.ReasonFieldCharacters}},
		"line break in address":    {func(a *card.Application) { a.Person.Address = "测试路\n1号" }, []card.Reason{card.ReasonFieldCharacters}},
		"not UTF-8":                {func(a *card.Application) { a.Person.Address = "测试路\xff" }, []card.Reason{card.ReasonFieldCharacters}},
		"city is a county":         {func(a *card.Application) { a.City = "440605" }, []card.Reason{card.ReasonCityUnknown}},
		"bank as name":             {func(a *card.Application) { a.Bank = "ICBC" }, []card.Reason{card.ReasonBankUnknown}},
		"mode":                     {func(a *card.Application) { a.Mode = "X" }, []card.Reason{card.ReasonModeUnknown}},
		"outlet missing":           {func(a *card.Application) { a.Outlet = "" }, []card.Reason{card.ReasonOutletMissing}},
		"outlet by post":           {func(a *card.Application) { a.Outlet, a.Mode = "", card.Post }, nil},
		"outlet shape":             {func(a *card.Application) { a.Outlet = "佛山支行" }, []card.Reason{card.ReasonOutletShape}},
		"employer missing":         {func(a *card.Application) { a.Mode, a.EmployerNo = card.Employer, "91440100MA0000007W" }, []card.Reason{card.ReasonEmployerMissing}},
		"employer":                 {func(a *card.Application) { a.Mode, a.EmployerNo, a.EmployerName = card.Employer, "1", "测试公司" }, nil},
		"employer's name too long": {func(a *card.Application) { a.EmployerName = strings.Repeat("测", 101) }, []card.Reason{card.ReasonFieldTooLong}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := goodApplication()
			c.change(&a)
			require.Equal(t, c.want, card.CheckApplication(a, today))
		})
	}
}

func TestAllReasonsOfARowTogether(t *testing.T) {
	t.Parallel()
	require.Equal(t, []card.Reason{
		card.ReasonDocTypeUnknown, card.ReasonNameMissing, card.ReasonSexUnknown, card.ReasonBirthDate, card.ReasonPhone,
		card.ReasonAddressMissing, card.ReasonCityUnknown, card.ReasonBankUnknown, card.ReasonModeUnknown,
	}, card.CheckApplication(card.Application{}, today))
}

func TestBirthInTheFuture(t *testing.T) {
	t.Parallel()
	a := goodApplication()
	a.Person.Birth = "20261122"
	a.Person.SSN = card.SynthesizeSSN("440100", a.Person.Birth, 1)
	require.Equal(t, []card.Reason{card.ReasonBirthDate}, card.CheckApplication(a, today))
	require.Empty(t, card.CheckApplication(a, today.AddDate(0, 0, 1)))
}

func TestDocumentShapes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		doc    card.DocType
		number string
		want   []card.Reason
	}{
		{card.DocHMTResidence, "810000199001010019", nil},
		{card.DocHMTResidence, "440100199001010015", []card.Reason{card.ReasonIDAreaNotHMT}},
		{card.DocHKPermit, "H12345678", nil},
		{card.DocHKPermit, "H1234567801", nil},
		{card.DocHKPermit, "H123456789", []card.Reason{card.ReasonDocShape}},
		{card.DocHKPermit, "M12345678", []card.Reason{card.ReasonDocShape}},
		{card.DocMacaoPermit, "M12345678", nil},
		{card.DocTaiwanPermit, "12345678", nil},
		{card.DocTaiwanPermit, "1234567", []card.Reason{card.ReasonDocShape}},
		{card.DocForeignPR, "USA123456789012", nil},
		{card.DocForeignPR, "944840199001010016", nil},
		{card.DocForeignPR, "944840199001010017", nil},
		{card.DocForeignPR, "844840199001010016", []card.Reason{card.ReasonDocShape}},
		{card.DocPassport, "E12345678", nil},
		{card.DocPassport, "", []card.Reason{card.ReasonIDMissing}},
		{card.DocPassport, "E1-2", []card.Reason{card.ReasonDocShape}},
		{card.DocMilitaryOfficer, "南字第01234567号", nil},
		{card.DocMilitaryOfficer, "南字第0123456789号码", []card.Reason{card.ReasonDocShape}},
		{card.DocArmedPolice, "武字第|号", []card.Reason{card.ReasonFieldCharacters}},
	} {
		a := goodApplication()
		a.Person.DocType, a.Person.SSN = c.doc, c.number
		require.Equal(t, c.want, card.CheckApplication(a, today), "%s %s", c.doc, c.number)
	}
}

func TestPhones(t *testing.T) {
	t.Parallel()
	for phone, good := range map[string]bool{
		"13800138000": true, "19912345678": true, "0757-83331234": true, "075783331234": true, "020-12345678": true,
		"+85291234567": true, "0085291234567": true, "": false, "1380013800": false, "138001380000": false, "138-0013-8000": false,
		"83331234": false, "075783331": false, "+0123456789": false, "1380013800a": false, "0757-": false, "000000000": false,
	} {
		a := goodApplication()
		a.Person.Phone = phone
		require.Equal(t, good, len(card.CheckApplication(a, today)) == 0, phone)
	}
}

// Whatever stands in a row, it is judged without a panic, and every reason is one that people can read, named once.
func TestEveryRowIsJudged(t *testing.T) {
	t.Parallel()
	known := map[card.Reason]bool{}
	for _, r := range card.Reasons() {
		known[r] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		a := card.Application{
			Person: drawPerson(t), City: rapid.String().Draw(t, "city"), Bank: rapid.String().Draw(t, "bank"),
			Mode: card.DistributionMode(rapid.SampledFrom([]string{"O", "E", "P", ""}).Draw(t, "mode")),
		}
		a.Person.Phone = rapid.StringMatching(`[01+][0-9+-]{0,16}`).Draw(t, "phone")
		seen := map[card.Reason]bool{}
		for _, r := range card.CheckApplication(a, today) {
			require.True(t, known[r], r)
			require.False(t, seen[r], r)
			seen[r] = true
		}
	})
}

func TestGoodRowsCostNoAllocation(t *testing.T) {
	a := goodApplication()
	require.Zero(t, testing.AllocsPerRun(100, func() { card.CheckApplication(a, today) }))
}

func BenchmarkCheckApplication(b *testing.B) {
	a := goodApplication()
	b.ReportAllocs()
	for b.Loop() {
		card.CheckApplication(a, today)
	}
}
