package card

import (
	"slices"
	"strings"
)

// DocType is the type of an identity document. Its value is the two-digit code of profile A; 11 is the project's own code
// for the residence permit of Hong Kong, Macao and Taiwan residents, which profile A lacks.
type DocType string

// The identity documents.
const (
	DocResidentID      DocType = "01" // 居民身份证 or household book, GB 11643
	DocMilitaryOfficer DocType = "02" // 军官证
	DocArmedPolice     DocType = "03" // 武警警官证
	DocHKPermit        DocType = "04" // 港澳居民来往内地通行证, Hong Kong
	DocMacaoPermit     DocType = "05" // the same, Macao
	DocTaiwanPermit    DocType = "06" // 台湾居民来往大陆通行证
	DocForeignPR       DocType = "07" // 外国人永久居留身份证
	DocPassport        DocType = "08" // foreign passport
	DocHMTResidence    DocType = "11" // 港澳台居民居住证
)

// Sex is a code of GB/T 2261.1.
type Sex string

// The sexes of GB/T 2261.1. Partners take 1, 2 and 9.
const (
	SexUnknown Sex = "0"
	Male       Sex = "1"
	Female     Sex = "2"
	NotStated  Sex = "9"
)

// DistributionMode tells how a card reaches its holder; its value is the code in files.
type DistributionMode string

// The ways to the holder.
const (
	Outlet   DistributionMode = "O" // 网点领取, collected at an outlet
	Employer DistributionMode = "E" // 单位领取, handed out by the employer
	Post     DistributionMode = "P" // 邮寄, posted to the holder's address
)

// Name is a code with its names: ZH as forms and rosters write it, EN for screens.
type Name struct{ Code, ZH, EN string }

var docTypes = []Name{
	{string(DocResidentID), "居民身份证", "resident identity card"},
	{string(DocMilitaryOfficer), "军官证", "military officer's card"},
	{string(DocArmedPolice), "武警警官证", "armed police officer's card"},
	{string(DocHKPermit), "港澳居民来往内地通行证(香港)", "mainland travel permit, Hong Kong"},
	{string(DocMacaoPermit), "港澳居民来往内地通行证(澳门)", "mainland travel permit, Macao"},
	{string(DocTaiwanPermit), "台湾居民来往大陆通行证", "mainland travel permit, Taiwan"},
	{string(DocForeignPR), "外国人永久居留身份证", "foreigner's permanent residence card"},
	{string(DocPassport), "外国人护照", "foreign passport"},
	{string(DocHMTResidence), "港澳台居民居住证", "residence permit of Hong Kong, Macao and Taiwan residents"},
}

var sexes = []Name{
	{string(Male), "男", "male"}, {string(Female), "女", "female"},
	{string(NotStated), "未说明", "not stated"}, {string(SexUnknown), "未知", "unknown"},
}

var modes = []Name{
	{string(Outlet), "网点领取", "collect at outlet"},
	{string(Employer), "单位领取", "through employer"},
	{string(Post), "邮寄", "by post"},
}

// Other ways in which people write the same thing.
var (
	docTypeAliases = map[string]string{
		"身份证": "01", "户口簿": "01", "港澳通行证(香港)": "04", "港澳通行证(澳门)": "05", "台胞证": "06", "护照": "08", "居住证": "11",
	}
	sexAliases  = map[string]string{"男性": "1", "女性": "2", "未说明的性别": "9"}
	modeAliases = map[string]string{"网点": "O", "单位": "E", "邮寄到家": "P", "快递": "P"}
)

var (
	docTypeIndex = indexNames(docTypes, docTypeAliases)
	sexIndex     = indexNames(sexes, sexAliases)
	modeIndex    = indexNames(modes, modeAliases)
)

func indexNames(names []Name, aliases map[string]string) map[string]Name {
	index := make(map[string]Name, 2*len(names)+len(aliases))
	for _, n := range names {
		index[n.Code], index[n.ZH] = n, n
	}
	for alias, code := range aliases {
		index[alias] = index[code]
	}
	return index
}

// DocTypes returns the identity documents in the order of their codes.
func DocTypes() []Name { return slices.Clone(docTypes) }

// Sexes returns the sexes, those that a roster may hold first.
func Sexes() []Name { return slices.Clone(sexes) }

// DistributionModes returns the ways to the holder.
func DistributionModes() []Name { return slices.Clone(modes) }

// FindDocType finds a document type by code or Chinese name.
func FindDocType(s string) (DocType, bool) {
	n, ok := docTypeIndex[foldBrackets(s)]
	return DocType(n.Code), ok
}

// FindSex finds a sex by code or Chinese name.
func FindSex(s string) (Sex, bool) {
	n, ok := sexIndex[s]
	return Sex(n.Code), ok
}

// FindMode finds a distribution mode by code or Chinese name.
func FindMode(s string) (DistributionMode, bool) {
	n, ok := modeIndex[s]
	return DistributionMode(n.Code), ok
}

// Name returns the names of t; its texts are empty when t is unknown.
func (t DocType) Name() Name { return docTypeIndex[string(t)] }

// Name returns the names of s; its texts are empty when s is unknown.
func (s Sex) Name() Name { return sexIndex[string(s)] }

// Name returns the names of m; its texts are empty when m is unknown.
func (m DistributionMode) Name() Name { return modeIndex[string(m)] }

// foldBrackets writes full-width brackets as plain ones, for forms use both.
func foldBrackets(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "（", "("), "）", ")")
}
