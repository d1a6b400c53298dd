package card

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// NameDot is the dot between the parts of a minority or foreign name, U+00B7; it is the only one that the files carry.
const NameDot = '·'

// NormalizeName returns a name as the hub stores it: without spaces round it, invisible characters and marks of text cells,
// every name dot as U+00B7 without spaces beside it, full-width letters as plain ones, no space between Chinese characters,
// one space between Latin words. It changes no character of the name proper: rare characters stay what they are.
func NormalizeName(s string) string {
	if plainHan(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	last, space := rune(0), false
	for _, r := range s {
		r = foldNameRune(r)
		if r == ' ' {
			space = true
		}
		if r == ' ' || r == 0 {
			continue
		}
		if space && latin(last) && latin(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last, space = r, false
	}
	return dotBetweenHan(b.String())
}

// plainHan says whether s consists of common Chinese characters only, which need no normalising.
func plainHan(s string) bool {
	for _, r := range s {
		if r < 0x4E00 || r > 0x9FFF {
			return false
		}
	}
	return true
}

// foldNameRune writes variants of dot, space, letter and bracket as the one that is stored; 0 drops the character.
func foldNameRune(r rune) rune {
	switch {
	case strings.ContainsRune("•．・･‧∙⋅●﹒᛫", r):
		return NameDot
	case r == 0x3000 || r == '\t' || r == '\n' || r == '\r' || r != ' ' && unicode.Is(unicode.Zs, r):
		return ' '
	case invisible(r):
		return 0
	case r >= 0xFF01 && r <= 0xFF5E:
		return r - 0xFEE0
	}
	return r
}

// invisible characters come along when names are pasted: joiners, marks of byte order and direction, soft hyphens, variation
// selectors.
func invisible(r rune) bool {
	return r == 0xAD || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r)
}

func latin(r rune) bool { return r != 0 && r != NameDot && r < 0x250 }

// dotBetweenHan reads a full stop between two Chinese characters as the name dot; between Latin letters it stays.
func dotBetweenHan(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	runes := []rune(s)
	for i := 1; i < len(runes)-1; i++ {
		if runes[i] == '.' && han(runes[i-1]) && han(runes[i+1]) {
			runes[i] = NameDot
		}
	}
	return string(runes)
}

// NormalizeSSN returns the number of an identity document as the hub stores it: without spaces, invisible characters and
// the apostrophe of text cells, full-width digits and letters as plain ones, letters as capitals.
func NormalizeSSN(s string) string {
	if only(s, 0, 64, isUpperOrDigit) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= 0xFF01 && r <= 0xFF5E {
			r -= 0xFEE0
		}
		if r == '\'' || unicode.IsSpace(r) || invisible(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, s)
}

// nameCharacters says whether every character may stand in a name: Chinese characters, rare and private ones included,
// Latin letters, and between them one name dot, space, hyphen, apostrophe or full stop.
func nameCharacters(s string) bool {
	joined := true // at the start as after a joiner, a letter must follow
	for _, r := range s {
		switch {
		case han(r) || letter(r):
			joined = false
		case joined || !joiner(r):
			return false
		default:
			joined = r != '.'
		}
	}
	return !joined
}

func joiner(r rune) bool {
	return r == NameDot || r == ' ' || r == '-' || r == '\'' || r == '.'
}

func letter(r rune) bool {
	return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= 0xC0 && r < 0x250 && r != 0xD7 && r != 0xF7
}

// han says whether r is a Chinese character. Private-use code points count, for legacy files hold rare characters there.
func han(r rune) bool {
	switch {
	case r >= 0x4E00 && r <= 0x9FFF, r >= 0x3400 && r <= 0x4DBF, r >= 0x20000 && r <= 0x3FFFF:
		return true
	case r >= 0xE000 && r <= 0xFAFF, r == 0x3007, r >= 0x2E80 && r <= 0x2FDF:
		return true
	}
	return false
}

// minimumBytes returns the fewest bytes that s needs in GB18030: one for ASCII, four beyond the basic plane, else two. Some
// characters of the basic plane need four; only the codec knows them.
func minimumBytes(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			n++
		case r > 0xFFFF:
			n += 4
		default:
			n += 2
		}
	}
	return n
}

// plain says whether a field can stand in a line of a partner file: valid UTF-8 without control characters and without the
// separator.
func plain(s string) bool {
	for _, r := range s {
		switch {
		case r < ' ', r == '|', r >= 0x7F && r < 0xA0, r == 0x2028, r == 0x2029, r == 0xFEFF:
			return false
		case r == utf8.RuneError:
			return false
		}
	}
	return true
}
