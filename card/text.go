package card

// only says whether s is shortest to longest bytes long and every byte passes ok.
func only(s string, shortest, longest int, ok func(byte) bool) bool {
	if len(s) < shortest || len(s) > longest {
		return false
	}
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

func isUpperOrDigit(c byte) bool { return isDigit(c) || isUpper(c) }

func isUpperHex(c byte) bool { return isDigit(c) || c >= 'A' && c <= 'F' }

// validDate says whether s is YYYYMMDD of a real day in the Gregorian calendar from the year 1800 on.
func validDate(s string) bool {
	if !only(s, 8, 8, isDigit) {
		return false
	}
	year, month, day := number(s[:4]), number(s[4:6]), number(s[6:])
	return year >= 1800 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	default:
		return 31
	}
}

// number reads a short run of decimal digits that has been checked before.
func number(digits string) int {
	n := 0
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}
