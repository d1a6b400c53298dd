package sim

import (
	"bytes"
	"fmt"
	"strconv"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Results that are no refusal.
const (
	resultDone    = "00"
	resultUnknown = "90" // the bank never received this row
)

// testRange is the start of every invented card number; no bank has it.
const testRange = "629999"

// serialDigits is the width of the serial in a PAN of 19 digits: 6 range + 3 bank + 9 serial + 1 check.
const serialDigits = 9

// numbers appends PAN and account for a serial to space and returns the two.
func (b *Bank) numbers(space []byte, serial int64) (pan, account []byte) {
	pan = append(space, testRange...)
	pan = append(pan, b.prefix...)
	pan = appendPadded(pan, serial, serialDigits)
	pan = append(pan, luhn(pan))
	account = append(pan, b.prefix...)
	account = appendPadded(account, serial, 13)
	return pan[:len(pan):len(pan)], account[len(pan):]
}

func appendPadded(p []byte, n int64, width int) []byte {
	var space [20]byte
	digits := strconv.AppendInt(space[:0], n, 10)
	for range width - len(digits) {
		p = append(p, '0')
	}
	return append(p, digits...)
}

// luhn is the check digit for the digits p.
func luhn(p []byte) byte {
	sum := 0
	for i := range p {
		d := int(p[len(p)-1-i] - '0')
		if i%2 == 0 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return byte('0' + (10-sum%10)%10)
}

// serialOf reads the serial out of one of the bank's own PANs.
func (b *Bank) serialOf(pan []byte) (int64, bool) {
	head := len(testRange) + len(b.prefix)
	if len(pan) != head+serialDigits+1 || !bytes.HasPrefix(pan, []byte(testRange+b.prefix)) {
		return 0, false
	}
	serial, err := strconv.ParseUint(string(pan[head:head+serialDigits]), 10, 63)
	if err != nil || serial == 0 || luhn(pan[:len(pan)-1]) != pan[len(pan)-1] {
		return 0, false
	}
	return int64(serial), true
}

var reasons = map[string]string{
	"E01": "证件已过有效期", "E02": "风险控制拒绝", "E03": "姓名无法登记", "E04": "账户数量已达上限", "E09": "其他原因",
	"A01": "持卡人未签约", "A09": "无此账户", resultUnknown: "未收到该笔请求",
	"NAME_MISMATCH": "户名不符", "ID_EXPIRED": "证件已过有效期", "ACCT_NOT_FOUND": "查无此账户", "ACCT_CLOSED": "账户已注销",
	"ACCT_FROZEN": "账户已冻结", "ACCT_DORMANT": "账户长期不动", "TYPE_LIMIT": "账户类型或限额不符", "NOT_ACTIVATED": "金融功能未激活",
	"DUPLICATE": "重复发放", "AMOUNT_ERR": "金额有误或超出冻结资金", "BANK_TIMEOUT": "处理超时，结果待查",
	"F01": "余额不足", "F02": "无此付款账户", "F03": "无此冻结指令", "F09": "其他原因", "Q01": "户名不一致", "Q02": "查无此户", "Q09": "其他原因",
}

// encodedReasons are the reason texts as they stand in files.
func encodedReasons() (map[string][]byte, error) {
	out := map[string][]byte{}
	for code, text := range reasons {
		encoded, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("reason %s: %w", code, err)
		}
		out[code] = encoded
	}
	return out, nil
}
