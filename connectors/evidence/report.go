package evidence

import "fmt"

// Report is what Verify found. A pack proves its rollout when every check holds.
type Report struct {
	Rollout  string  `json:"rollout"`
	Key      string  `json:"key"`      // that signed the pack: compare it with the one that the hub has published
	Trusted  bool    `json:"trusted"`  // it is the key that the verifier was given
	HeadLine int64   `json:"head_no"`  // where the audit chain ends
	HeadHash string  `json:"head_sm3"` // compare it with what the hub shows
	Checks   []Check `json:"checks"`
}

// Check is one thing that was checked, in Chinese and in English.
type Check struct {
	Name   string   `json:"name"`
	ZH     string   `json:"zh"`
	EN     string   `json:"en"`
	Holds  bool     `json:"holds"`
	Figure string   `json:"figure"`          // what was counted
	Wrong  []string `json:"wrong,omitempty"` // the first things that are wrong
	More   int      `json:"more,omitempty"`  // how many more are wrong
}

// Holds says whether every check holds.
func (r Report) Holds() bool {
	for _, c := range r.Checks {
		if !c.Holds {
			return false
		}
	}
	return len(r.Checks) > 0
}

// shownWrong is how many things are named of each check.
const shownWrong = 20

// wrong notes that something is not as it should be.
func (c *Check) wrong(format string, args ...any) {
	c.Holds = false
	if len(c.Wrong) == shownWrong {
		c.More++
		return
	}
	c.Wrong = append(c.Wrong, fmt.Sprintf(format, args...))
}

// The checks in their order.
const (
	checkSeal = iota
	checkManifest
	checkSignature
	checkAudit
	checkContent
	checkApprovals
	checkRoster
	checkReconciled
	checkFiles
	checkInstructions
	checkExceptions
	checkRaw
)

func newChecks() []Check {
	return []Check{
		checkSeal:         {Name: "seal", ZH: "封印：归档文件的每个字节未被改动", EN: "seal: no byte of the archive was changed"},
		checkManifest:     {Name: "manifest", ZH: "清单：每个文件都在，大小和SM3摘要相符，没有多余的文件", EN: "manifest: every entry is there with its size and SM3 digest, and no other"},
		checkSignature:    {Name: "signature", ZH: "签名：清单由卡管中心系统的SM2密钥签名", EN: "signature: the manifest is signed by the hub's SM2 key"},
		checkAudit:        {Name: "audit_chain", ZH: "审计链：从第一行起逐行相接，无改动、缺失或插入", EN: "audit chain: every line follows from the one before, from the first on"},
		checkContent:      {Name: "content_hash", ZH: "内容摘要：按逐行重新计算，与提交审批的内容一致", EN: "content hash: computed anew from the rows, it is the one that was submitted"},
		checkApprovals:    {Name: "approvals", ZH: "审批：每个必需角色由不同的人签名，签名对应本内容，且在审计链中", EN: "approvals: every role needed, by different people, signed over this content, and in the audit chain"},
		checkRoster:       {Name: "roster_totals", ZH: "名册：行数和金额＝受理时拒绝＋计划发放，并与申报总数相符", EN: "roster: rows and money handed in = refused at intake + planned, as declared"},
		checkReconciled:   {Name: "reconciliation", ZH: "对账：各银行、各状态的笔数和金额按逐行重新汇总相符", EN: "reconciliation: count and money of every bank and state, added up anew from the rows"},
		checkFiles:        {Name: "file_sums", ZH: "文件：每个付款文件的笔数和金额＝其中各行之和，且有送达证明", EN: "files: rows and money of every money file are the sums of its rows, and its delivery is proved"},
		checkInstructions: {Name: "instructions_once", ZH: "指令：每笔付款指令在全部发出的文件中只出现一次", EN: "instructions: each stands once over all files that went out"},
		checkExceptions:   {Name: "exceptions", ZH: "例外：每一笔未入账的款项都列出了原因", EN: "exceptions: every payment that was not made is listed with its reason"},
		checkRaw:          {Name: "raw_files", ZH: "原始文件：归档字节的摘要相符，付款文件中的指令与各行一致", EN: "raw files: the archived bytes have their digests, and money files carry the instructions of their rows"},
	}
}
