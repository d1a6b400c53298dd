package sim

// decimal reports whether every nibble is a decimal digit (BCD).
func decimal(p []byte) bool {
	for _, c := range p {
		if c>>4 > 9 || c&15 > 9 {
			return false
		}
	}
	return true
}

// date checks a BCD date, YYYYMMDD in four bytes.
func date(p []byte) bool {
	return len(p) == 4 && decimal(p) && p[0] >= 0x18 && p[2] >= 0x01 && p[2] <= 0x12 && p[3] >= 0x01 && p[3] <= 0x31
}

// cardNumber checks a social-security-card number: 8 characters and the check character of GB 11714.
func cardNumber(n []byte) bool {
	if len(n) != 9 {
		return false
	}
	sum := 0
	for i, weight := range [8]int{3, 7, 9, 10, 5, 8, 4, 2} {
		switch c := n[i]; {
		case c >= '0' && c <= '9':
			sum += weight * int(c-'0')
		case c >= 'A' && c <= 'Z':
			sum += weight * int(c-'A'+10)
		default:
			return false
		}
	}
	return n[8] == "0X987654321"[sum%11]
}

// payment checks a bank card number: 62…, 16 to 19 digits, Luhn.
func payment(n []byte) bool {
	if len(n) < 16 || len(n) > 19 || n[0] != '6' || n[1] != '2' {
		return false
	}
	sum := 0
	for i := range n {
		c := n[len(n)-1-i]
		if c < '0' || c > '9' {
			return false
		}
		d := int(c - '0')
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}
