package drill_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"onecard/card"
)

// The marks of canary people: invented people whose number, name, phone and address each bear one, so that whoever finds a
// mark has found personal data. The name is one that nobody bears; 1902 is before anybody in a sample was born.
const (
	markNumber  = "44060019020304"
	markName    = "亓官䶮"
	markPhone   = "199000071"
	markAddress = "夜光藻弄"
)

// canary is one canary person as a row of a roster in CSV.
func canary(n int) []string {
	body := fmt.Sprintf("%s%03d", markNumber, n)
	digits := strconv.Itoa(n)
	mode := []string{"网点领取", "单位领取", "邮寄到户"}[n%3]
	bank := []string{"工商银行", "农业银行", "建设银行", "中国银行"}[n%4]
	return []string{"居民身份证", body + string(rune(card.CheckDigit(body))), markName + []string{"明", "华", "玉"}[n%3], []string{"女", "男"}[n%2], "汉",
		markNumber[6:], fmt.Sprintf("%s%02d", markPhone, n), "广东省佛山市样本区" + markAddress + digits + "号", "", "佛山", bank, mode,
		"4406001020001", "91440600MA0000001X", "佛山示例厂"}
}

// Columns of a roster.
const (
	colNumber = 1
	colName   = 2
	colSex    = 3
	colBirth  = 5
	colPhone  = 6
	colBank   = 10
	colMode   = 11
)

// spoil makes the n-th canary's row fail a check, each in another way.
func spoil(row []string, n int) {
	switch n % 6 {
	case 0:
		row[colNumber] = row[colNumber][:17] + "?"
	case 1:
		row[colName] += "?"
	case 2:
		row[colBirth] = "19020305"
	case 3:
		row[colPhone] += "000000"
	case 4:
		row[colBank] = markName
	case 5:
		row[colMode] = row[colNumber]
	}
}

// plant adds canary people to a roster: good ones, bad ones and some twice.
func (b *hub) plant(roster string, first, good, bad int) {
	b.Helper()
	f, err := os.OpenFile(roster, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(b, err)
	for n := first; n < first+good+bad; n++ {
		row := canary(n)
		if n >= first+good {
			spoil(row, n)
		}
		_, err := f.WriteString(strings.Join(row, ",") + "\r\n")
		require.NoError(b, err)
	}
	_, err = f.WriteString(strings.Join(canary(first), ",") + "\r\n")
	require.NoError(b, err)
	require.NoError(b, f.Close())
}

func gb18030(t testing.TB, text string) []byte {
	t.Helper()
	out, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text))
	require.NoError(t, err)
	return out
}

// trace is a mark in one of the shapes in which it could lie somewhere.
type trace struct {
	shape string
	bytes []byte
}

// traces are all marks in all shapes.
func traces(t testing.TB) []trace {
	t.Helper()
	var all []trace
	for _, mark := range []string{markNumber, markName, markPhone, markAddress} {
		all = append(all, shapes("UTF-8", []byte(mark))...)
		if gb := gb18030(t, mark); string(gb) != mark {
			all = append(all, shapes("GB18030", gb)...)
			quoted := strings.Trim(strconv.QuoteToASCII(mark), `"`)
			all = append(all, trace{"JSON", []byte(quoted)}, trace{"URL", []byte(url.QueryEscape(mark))})
		}
	}
	return all
}

// shapes are the bytes as they are, in hex as PostgreSQL dumps them, and in base64, which has three ways to cut them.
func shapes(name string, mark []byte) []trace {
	all := []trace{{name, mark}, {name + " in hex", []byte(hex.EncodeToString(mark))}}
	for shift := range 3 {
		text := base64.StdEncoding.EncodeToString(slices.Concat(make([]byte, shift), mark))
		begin, end := (shift*8+5)/6, (shift+len(mark))*8/6
		all = append(all, trace{name + " in base64", []byte(text[begin:end])})
	}
	return all
}

// cutFirstLine takes the headings off a roster.
func (b *hub) cutFirstLine(path string) {
	b.Helper()
	text, err := os.ReadFile(path)
	require.NoError(b, err)
	_, rest, _ := strings.Cut(string(text), "\n")
	require.NoError(b, os.WriteFile(path, []byte(rest), 0o600))
}
