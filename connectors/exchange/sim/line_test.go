package sim

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"
)

func TestSplitWalksCharacters(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                         {""},
		"D|1|":                     {"D", "1", ""},
		"\x81|a":                   {"\x81|a"}, // a character whose second byte is that of '|'
		"a\x81||b":                 {"a\x81|", "b"},
		"\x95\x34\xb2\x35|x":       {"\x95\x34\xb2\x35", "x"},
		"\xc4\xe3|\xba\xc3":        {"\xc4\xe3", "\xba\xc3"},
		strings.Repeat("|", 15):    strings.Split(strings.Repeat("|", 15), "|"),
		"plain text with spaces|~": {"plain text with spaces", "~"},
	} {
		fields, err := split([]byte(text), nil)
		require.NoError(t, err, "%q", text)
		got := make([]string, len(fields))
		for i, f := range fields {
			got[i] = string(f)
		}
		require.Equal(t, want, got, "%q", text)
	}
	for _, text := range []string{
		"\x00", "a\tb", "a\rb", "\x7f", "\x80", "\xff", "\x81", "a|\xc4", "\x81\x20", "\x81\x7f", "\x81\xff", "\x95\x34", "\x95\x34\xb2",
		"\x95\x34\xb2|", "\x95\x34|5", strings.Repeat("|", 16),
	} {
		_, err := split([]byte(text), nil)
		require.Error(t, err, "%q", text)
	}
}

func TestSplitUndoesJoin(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		// A field is any text without the separator and without control characters.
		field := rapid.StringOfN(rapid.RuneFrom([]rune("aZ09 ·欧阳测试丂亐䶮𠮷€")), 0, 20, -1)
		texts := rapid.SliceOfN(field, 1, maxFields).Draw(r, "fields")
		var want [][]byte
		for _, text := range texts {
			encoded, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text))
			require.NoError(r, err)
			want = append(want, encoded)
		}
		got, err := split(bytes.Join(want, []byte("|")), nil)
		require.NoError(r, err)
		require.Len(r, got, len(want))
		for i := range want {
			require.Equal(r, string(want[i]), string(got[i]))
		}
	})
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"", "D|1|a", "\x81|", "\x95\x34\xb2\x35|", "||||", "\xff|\x80"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		fields, err := split(line, nil)
		if err != nil {
			return
		}
		require.Equal(t, string(line), string(bytes.Join(fields, []byte("|"))), "nothing is lost")
		for _, field := range fields {
			again, err := split(field, nil)
			require.NoError(t, err)
			require.Len(t, again, 1, "a field holds no separator")
			require.NotContains(t, string(field), "\n")
		}
	})
}

func FuzzReadFile(f *testing.F) {
	name := FileName{Partner: "ICBC", Kind: "ASKREQ", Date: "20261121", Seq: 1}
	head := "H|ASKREQ|1|" + name.String() + "|20261121|\n"
	for _, seed := range []string{"", head, head + "D|1|A\nT|1|0\n", head + "T|0|0\n", head + "D|1|A\nD|1|A\nD|3|\nT|3|0\n", "T|0|0\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m := Manifest{Name: name, Size: int64(len(text)), Rows: bytes.Count(text, []byte("\nD|"))}
		last := int64(0)
		err := readFile(bytes.NewReader(text), m, shape{fields: 2}, func(r Row) error {
			require.Len(t, r, 2)
			ref, ok := rowNumber(r[0])
			require.True(t, ok)
			require.Greater(t, ref, last, "rows come in order and once")
			last = ref
			return nil
		})
		var refusal *Refusal
		require.ErrorAs(t, err, &refusal, "without the right digest every file is refused")
		require.Contains(t, refusals, refusal.Code)
	})
}

func TestFileNames(t *testing.T) {
	t.Parallel()
	n, err := ParseFileName("ICBC_ACCTREQ_20261121_000017.txt")
	require.NoError(t, err)
	require.Equal(t, FileName{"ICBC", "ACCTREQ", "20261121", 17}, n)
	require.Equal(t, "ICBC_ACCTREQ_20261121_000017.txt", n.String())
	require.Equal(t, "ICBC_ACCTRET_20261121_000017.txt", n.Answer("ACCTRET").String())
	for _, bad := range []string{
		"", "ICBC_ACCTREQ_20261121_000017", "icbc_ACCTREQ_20261121_000017.txt", "ICBC_AC_20261121_000017.txt",
		"ICBC_ACCTREQ_20261131_000017.txt", "ICBC_ACCTREQ_20261121_000000.txt", "ICBC_ACCTREQ_20261121_17.txt",
		"../ICBC_ACCTREQ_20261121_000017.txt", "ICBC_ACCTREQ_20261121_000017.txt\n", "I_ACCTREQ_20261121_000017.txt",
	} {
		_, err := ParseFileName(bad)
		require.Error(t, err, bad)
	}
}

func TestManifestIsExact(t *testing.T) {
	t.Parallel()
	key, err := SignKey(t.TempDir() + "/key")
	require.NoError(t, err)
	m := Manifest{Name: FileName{"ICBC", "ACCTREQ", "20261121", 17}, Version: 1, Size: 123456, Rows: 1000, SM3: strings.Repeat("ab", 32)}
	text, err := m.Sign(key)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(text), `manifest=1
name=ICBC_ACCTREQ_20261121_000017.txt
layout=ACCTREQ/1
date=20261121
sequence=17
size=123456
rows=1000
total=0
sm3=`+m.SM3+`
signature=30`), string(text))
	back, err := ReadManifest(text, &key.PublicKey)
	require.NoError(t, err)
	require.Equal(t, m, back)

	for old, spoiled := range map[string]string{
		"manifest=1": "manifest=2", "name=ICBC": "name=icbc", "layout=ACCTREQ/1": "layout=ACCTREQ/2", "date=20261121": "date=20261122",
		"sequence=17": "sequence=017", "size=123456": "size=-1", "rows=1000": "rows=01000", "total=0": "total=", "sm3=ab": "sm3=AB",
		"size=123456\n": "", "signature=30": "signature=31", "signature=": "signature =", "rows=1000\n": "rows=1000\r\n",
	} {
		_, err := ReadManifest([]byte(strings.Replace(string(text), old, spoiled, 1)), &key.PublicKey)
		require.Error(t, err, spoiled)
	}
	_, err = ReadManifest(append(text, '\n'), &key.PublicKey)
	require.Error(t, err)
	_, err = ReadManifest(text[:len(text)-1], &key.PublicKey)
	require.Error(t, err)
}

func FuzzReadManifest(f *testing.F) {
	key, err := SignKey(f.TempDir() + "/key")
	require.NoError(f, err)
	text, err := Manifest{Name: FileName{"ICBC", "ACCTREQ", "20261121", 17}, SM3: strings.Repeat("ab", 32)}.Sign(key)
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte("manifest=1\n"))
	f.Fuzz(func(t *testing.T, other []byte) {
		_, err := ReadManifest(other, &key.PublicKey)
		require.Equal(t, bytes.Equal(text, other), err == nil, "only what was signed is read")
	})
}
