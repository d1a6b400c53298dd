package card_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
)

func TestNormalizeName(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"":                      "",
		"欧阳测试":                  "欧阳测试",
		" 张 三　":                 "张三",
		"阿卜杜拉•麦麦提":              "阿卜杜拉·麦麦提",
		"阿卜杜拉．麦麦提":              "阿卜杜拉·麦麦提",
		"阿卜杜拉・麦麦提":              "阿卜杜拉·麦麦提",
		"阿卜杜拉.麦麦提":              "阿卜杜拉·麦麦提",
		"阿卜杜拉 · 麦麦提":            "阿卜杜拉·麦麦提",
		"\ufeff李\u200b四":        "李四",
		"ＪＯＨＮ　 Smith":           "JOHN Smith",
		"J. Smith":              "J. Smith",
		"𠮷䶮":                    "𠮷䶮",
		"王\ue863":               "王\ue863",
		"葛\U000e0100城":          "葛城",
		"O'Brien\tMary\u00a0Jo": "O'Brien Mary Jo",
	} {
		require.Equal(t, want, card.NormalizeName(given), "%q", given)
	}
}

func TestNormalizeSSN(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"11010519491231002x":     "11010519491231002X",
		"'440100199001010015":    "440100199001010015",
		" 4401 0019900101 0015 ": "440100199001010015",
		"４４０１００１９９００１０１００１５": "440100199001010015",
		"1101051949123100２ｘ": "11010519491231002X",
		"h12345678\u200b":    "H12345678",
		"440100199001010015": "440100199001010015",
	} {
		require.Equal(t, want, card.NormalizeSSN(given), "%q", given)
	}
}

func TestNormalizingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		name, number := card.NormalizeName(s), card.NormalizeSSN(s)
		require.Equal(t, name, card.NormalizeName(name))
		require.Equal(t, number, card.NormalizeSSN(number))
	})
}

func TestNameCharacters(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{
		"张三": true, "阿卜杜拉·麦麦提": true, "J. Smith": true, "O'Brien Mary-Jo": true, "José García": true, "张A": true, "〇": true,
		"·张": false, "张·": false, "张··三": false, "张3": false, "张三?": false, "张三（孤儿）": false, "张�": false, "张\x00": false,
		"张|三": false,
	} {
		a := goodApplication()
		a.Person.Name = name
		require.Equal(t, good, len(card.CheckApplication(a, today)) == 0, name)
	}
}
