package sim

import "fmt"

// Refusal says why a partner does not take a file. It names rows and columns, never what stands in them.
type Refusal struct {
	Code   string // a key of the table of texts
	Detail string // where, in English: "row 17", "key date"
}

// Error gives the code and the place.
func (r *Refusal) Error() string {
	if r.Detail == "" {
		return r.Code
	}
	return r.Code + ": " + r.Detail
}

type bilingual struct{ en, zh string }

var refusals = map[string]bilingual{
	"FILE_NAME":         {"the file name does not follow the convention", "文件名不符合约定"},
	"FILE_MANIFEST":     {"the manifest cannot be read or does not belong to the file", "清单文件无法识别或与数据文件不符"},
	"FILE_SIGNATURE":    {"the manifest's signature does not verify", "清单文件签名验证失败"},
	"FILE_SIZE":         {"the size differs from the manifest", "文件大小与清单不一致"},
	"FILE_DIGEST":       {"the SM3 digest differs from the manifest", "文件SM3摘要与清单不一致"},
	"FILE_ROWS":         {"the number of rows differs from the manifest or the last line", "行数与清单或尾行不一致"},
	"FILE_TOTAL":        {"the total differs from the manifest or the last line", "金额合计与清单或尾行不一致"},
	"FILE_LAYOUT":       {"a line does not have the layout of this kind of file", "行格式不符合该类文件的约定"},
	"FILE_SEQUENCE":     {"this name was used before for other content", "该文件名（序号）已用于其他内容"},
	"FILE_REPEATED_ROW": {"a row number is repeated with other content or out of order", "行号重复且内容不同，或未按顺序排列"},
	"FILE_LINE_LENGTH":  {"a line is longer than 4,096 bytes", "单行超过4096字节"},
	"FILE_ENCODING":     {"the text is not GB18030 or has control characters", "文本不是GB18030编码或含有控制字符"},
	"FILE_UNREADABLE":   {"the file cannot be read", "文件无法读取"},
	"PARTNER_UNKNOWN":   {"the file is addressed to another partner", "文件的接收方不是本机构"},
}

// notice is what this partner writes about a refusal.
func (p *Profile) notice(file string, r *Refusal) []byte {
	if p.Curt {
		return fmt.Appendf(nil, "reason=%s\n", r.Code)
	}
	return r.notice(file)
}

// notice is the text of the .err file that tells the hub of a refusal (UTF-8, LF).
func (r *Refusal) notice(file string) []byte {
	text := refusals[r.Code]
	return fmt.Appendf(nil, "name=%s\nreason=%s\ndetail=%s\nen=%s\nzh=%s\n", file, r.Code, r.Detail, text.en, text.zh)
}
