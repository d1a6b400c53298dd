package gb18030

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"
)

func TestKnownCodes(t *testing.T) {
	t.Parallel()
	cases := []struct{ text, code, why string }{
		{"A", "41", "ASCII"},
		{"欧阳测试", "c5b7d1f4b2e2cad4", "GB 2312"},
		{"䶮", "fe9f", "a rare surname of GBK"},
		{"·", "a1a4", "the name dot"},
		{"€", "a2e3", "never the single byte 80"},
		{"𠮷", "9534b235", "the supplementary ideographic plane"},
		{"\U00010000", "90308130", "the first code of the other planes"},
		{"\U0010ffff", "e3329a35", "the last code point"},
		{"\u0080", "81308130", "the first four-byte code"},
		{"\uffff", "8431a439", "the last four-byte code of the basic plane"},
		{"\ue000", "aaa1", "user-defined area 1"},
		{"\ue233", "affe", "end of area 1"},
		{"\ue234", "f8a1", "user-defined area 2"},
		{"\ue4c5", "fefe", "end of area 2"},
		{"\ue4c6", "a140", "user-defined area 3"},
		{"\ue5e5", "a3a0", "read as a space by browsers"},
		{"\ue765", "a7a0", "end of area 3"},
		{"\ue766", "a2ab", "kept by GB 18030-2000"},
		{"ḿ", "a8bc", "moved by GB 18030-2005"},
		{"\ue7c7", "8135f437", "moved by GB 18030-2005"},
		{"龴", "fe59", "moved by GB 18030-2022"},
		{"\ue81e", "82359037", "moved by GB 18030-2022"},
		{"\ufe12", "a6da", "moved by GB 18030-2022, crosswise"},
		{"\ufe11", "a6db", "moved by GB 18030-2022, crosswise"},
		{"\ue78f", "84318237", "moved by GB 18030-2022, crosswise"},
		{"\ue816", "fe51", "kept by GB 18030-2022"},
		{"𠂇", "95329031", "kept by GB 18030-2022"},
		{"\ufffd", "8431a437", "the replacement character itself is a character"},
	}
	for _, c := range cases {
		b, err := GB18030.Encode(c.text)
		require.NoError(t, err, c.why)
		require.Equal(t, c.code, hex.EncodeToString(b), c.why)
		text, err := GB18030.Decode(b)
		require.NoError(t, err, c.why)
		require.Equal(t, c.text, text, c.why)
	}
}

// Every code point but the surrogates has one code and comes back from it.
func TestEveryCodePointRoundTrips(t *testing.T) {
	t.Parallel()
	var code, text, in []byte
	for point := rune(0); point <= utf8.MaxRune; point++ {
		if surrogate(int(point)) {
			continue
		}
		in = utf8.AppendRune(in[:0], point)
		var err error
		if code, err = GB18030.Append(code[:0], string(in)); err != nil {
			require.NoError(t, err, "U+%04X", point)
		}
		if text, err = GB18030.AppendDecoded(text[:0], code); err != nil || string(text) != string(in) {
			require.Fail(t, "lost", "U+%04X %X %X %v", point, code, text, err)
		}
	}
}

// Every two-byte code is a character and comes back, in GB18030 and in GBK.
func TestEveryTwoByteCodeRoundTrips(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for lead := 0x81; lead <= 0xFE; lead++ {
		for trail := 0x40; trail <= 0xFE; trail++ {
			if trail == 0x7F {
				continue
			}
			code := []byte{byte(lead), byte(trail)}
			for _, e := range []Encoding{GB18030, GBK} {
				text, err := e.Decode(code)
				require.NoError(t, err, "%s %X", e, code)
				back, err := e.Encode(text)
				require.NoError(t, err, "%s %X", e, code)
				require.Equal(t, code, back, "%s %X", e, code)
				seen[text] = true
			}
		}
	}
	require.Len(t, seen, 23940)
}

// Every four-byte pattern is either a character that comes back or an error; exactly the code points are characters.
func TestEveryFourByteCode(t *testing.T) {
	t.Parallel()
	var text, back []byte
	characters := 0
	for i := range 126 * 10 * 126 * 10 {
		c := quadCode(i)
		code := []byte{byte(c >> 24), byte(c >> 16), byte(c >> 8), byte(c)}
		var err error
		if text, err = GB18030.AppendDecoded(text[:0], code); err != nil {
			continue
		}
		characters++
		if back, err = GB18030.Append(back[:0], string(text)); err != nil || string(back) != string(code) {
			require.Fail(t, "not the same code", "%X %X %X %v", code, text, back, err)
		}
	}
	require.Equal(t, 0x110000-2048-23940-128, characters)
}

// Where golang.org/x/text knows a two-byte code, it is the same character; it lacks 2,067 and misreads one.
func TestAgreesWithTheLibraryWhereThatIsRight(t *testing.T) {
	t.Parallel()
	differ := 0
	for i := range pairs {
		code := appendCode(nil, pairCode(i))
		theirs, err := simplifiedchinese.GB18030.NewDecoder().Bytes(code)
		require.NoError(t, err)
		ours, err := GB18030.Decode(code)
		require.NoError(t, err)
		if string(theirs) != ours {
			differ++
			require.True(t, string(theirs) == "\ufffd" || code[0] == 0xA3 && code[1] == 0xA0, "%X", code)
		}
	}
	require.Equal(t, 2068, differ)
}

// The tables are a wire format: whoever changes them must mean it.
func TestTablesAreFrozen(t *testing.T) {
	t.Parallel()
	h := sha256.New()
	for _, points := range [][]uint16{tables().decode2[:], tables().decode4[:]} {
		for _, p := range points {
			require.NotZero(t, p)
			_, _ = fmt.Fprintf(h, "%04X\n", p)
		}
	}
	require.Equal(t, "809bf3b97793bdf3a16d41798f6572a60be22e86647d6bd0b7484d357b618a21", hex.EncodeToString(h.Sum(nil)))
}

func TestWhatCannotBeCarried(t *testing.T) {
	t.Parallel()
	cases := []struct {
		encoding Encoding
		text     string
		offset   int
	}{
		{GBK, "张•三", 3},
		{GBK, "𠮷野", 0},
		{GBK, "ab㐀", 2},
		{GBK, "龴\ue81e", 3},
		{GB18030, "a\xffb", 1},
		{GB18030, "张\xed\xa0\x80", 3},
		{UTF8, "张\xc0", 3},
		{UTF8, "\ufffd\xc0", 3},
	}
	for _, c := range cases {
		require.False(t, c.encoding.CanCarry(c.text), "%s %q", c.encoding, c.text)
		dst := []byte("kept")
		got, err := c.encoding.Append(dst, c.text)
		require.Equal(t, dst, got)
		require.Equal(t, &Error{Encoding: c.encoding, Offset: c.offset}, err, "%s %q", c.encoding, c.text)
		_, err = c.encoding.Encode(c.text)
		require.ErrorContains(t, err, fmt.Sprintf("%s cannot carry the character at byte %d", c.encoding, c.offset))
	}
	require.True(t, GBK.CanCarry("阿·买买提\ue000€䶮"))
	require.True(t, GB18030.CanCarry("•𠮷\ue81e"))
	require.True(t, UTF8.CanCarry("•𠮷\ufffd"))
}

func TestWhatIsNoCharacter(t *testing.T) {
	t.Parallel()
	cases := []struct {
		encoding Encoding
		code     string
		offset   int
	}{
		{GB18030, "4180", 1},
		{GB18030, "ff", 0},
		{GB18030, "c5b7d1", 2},
		{GB18030, "817f", 0},
		{GB18030, "4142814a8139", 4},
		{GB18030, "8130", 0},
		{GB18030, "813081", 0},
		{GB18030, "81308129", 0},
		{GB18030, "8130ff30", 0},
		{GB18030, "8431a530", 0},
		{GB18030, "e3329a36", 0},
		{GB18030, "fe39fe39", 0},
		{GBK, "81308130", 0},
		{GBK, "80", 0},
		{UTF8, "e5bca0ff", 3},
		{UTF8, "eda080", 0},
	}
	for _, c := range cases {
		b, err := hex.DecodeString(c.code)
		require.NoError(t, err)
		dst := []byte("kept")
		got, err := c.encoding.AppendDecoded(dst, b)
		require.Equal(t, dst, got)
		require.Equal(t, &Error{Encoding: c.encoding, Offset: c.offset, Decoding: true}, err, "%s %s", c.encoding, c.code)
		_, err = c.encoding.Decode(b)
		require.ErrorContains(t, err, fmt.Sprintf("no %s character at byte %d", c.encoding, c.offset))
	}
}

func TestTextsRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		for _, e := range []Encoding{GB18030, GBK, UTF8} {
			b, err := e.Encode(text)
			if !e.CanCarry(text) {
				require.Error(t, err)
				continue
			}
			require.NoError(t, err)
			back, err := e.Decode(b)
			require.NoError(t, err)
			require.Equal(t, text, back)
		}
	})
}

func TestNames(t *testing.T) {
	t.Parallel()
	require.Equal(t, "GB18030 GBK UTF-8 Encoding(9)", fmt.Sprint(GB18030, GBK, UTF8, Encoding(9)))
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("\xc5\xb7\xd1\xf4|\xaa\xa1\x95\x34\xb2\x35"), uint8(0))
	f.Add([]byte("\x80\xff\x81\x30\x81"), uint8(1))
	f.Add([]byte("张\xff"), uint8(2))
	f.Fuzz(func(t *testing.T, b []byte, n uint8) {
		e := Encoding(n % 3)
		text, err := e.Decode(b)
		if err != nil {
			return
		}
		back, err := e.Encode(text)
		require.NoError(t, err)
		require.Equal(t, string(b), string(back))
	})
}

func BenchmarkEncodeNames(b *testing.B) {
	const text = "欧阳测试|13800000000|广东省佛山市禅城区测试路1号"
	dst := make([]byte, 0, 256)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		dst, _ = GB18030.Append(dst[:0], text)
	}
}

func BenchmarkDecodeNames(b *testing.B) {
	src, err := GB18030.Encode("欧阳测试|13800000000|广东省佛山市禅城区测试路1号")
	require.NoError(b, err)
	dst := make([]byte, 0, 256)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		dst, _ = GB18030.AppendDecoded(dst[:0], src)
	}
}
