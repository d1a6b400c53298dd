package evidence

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"onecard/card"
)

// sum is a number of payments and their money.
type sum struct {
	Rows int   `json:"rows"`
	Fen  int64 `json:"fen"`
}

func (s *sum) add(o sum) { s.Rows, s.Fen = s.Rows+o.Rows, s.Fen+o.Fen }

func (s sum) String() string { return fmt.Sprintf("%d rows, %d fen", s.Rows, s.Fen) }

// rollout is what the pack says of the rollout.
type rollout struct {
	ID           card.RolloutID `json:"id"`
	RosterSM3    string         `json:"roster_sm3"`
	DeclaredRows int            `json:"declared_rows"`
	DeclaredFen  int64          `json:"declared_fen"`
	Rows         int            `json:"rows"`
	Fen          int64          `json:"fen"`
	RefusedRows  int            `json:"refused_rows"`
	RefusedFen   int64          `json:"refused_fen"`
	ContentHash  string         `json:"content_hash"`
	MadeBy       string         `json:"made_by"`
	SubmittedBy  string         `json:"submitted_by"`
	Batches      []struct {
		Number int    `json:"number"`
		Rows   int    `json:"rows"`
		Fen    int64  `json:"fen"`
		Hash   string `json:"hash"`
	} `json:"batches"`
	Head struct {
		No   int64  `json:"no"`
		Hash string `json:"hash"`
	} `json:"audit_head"`
}

func (v *verifier) readRollout() bool {
	c := v.check(checkContent)
	if !v.decode(c, entryRollout, &v.rollout) {
		return false
	}
	v.Rollout = string(v.rollout.ID)
	v.rulesText = v.document(c, entryRules)
	parts := bytes.SplitN(v.rulesText, []byte(" "), 3)
	if len(parts) != 3 || json.Unmarshal(parts[2], &v.programme) != nil {
		c.wrong("不可读 cannot be read: %s", entryRules)
	}
	return true
}

// row is a payment as the pack tells it.
type row struct {
	Batch   int         `json:"batch"`
	Row     int         `json:"row"`
	Version int         `json:"version"`
	Bank    string      `json:"bank"`
	Card    string      `json:"card"`
	Person  string      `json:"person"`
	Fen     int64       `json:"fen"`
	Status  string      `json:"status"`
	Reason  card.Reason `json:"reason"`
	Order   string      `json:"instruction"`
	Out     string      `json:"out"`
	In      string      `json:"in"`
}

// write writes the row as the content hash takes it: row with its version above it, bank, fen, and card and person behind their lengths.
func (r row) write(h interface{ Write([]byte) (int, error) }) error {
	bank, err := strconv.ParseUint(r.Bank, 10, 15)
	if err != nil {
		return err
	}
	person, err := hex.DecodeString(r.Person)
	if err != nil || len(person) > 255 || len(r.Card) > 255 || r.Row < 1 || r.Row > card.MaxInstructionRow || r.Version < 1 || r.Version > card.MaxInstructionVersion {
		return strconv.ErrRange
	}
	var b []byte
	b = binary.BigEndian.AppendUint32(b, uint32(r.Row)|uint32(r.Version-1)<<24)
	b = binary.BigEndian.AppendUint16(b, uint16(bank))
	b = binary.BigEndian.AppendUint64(b, uint64(r.Fen)) //nolint:gosec // bits, not a number
	b = append(append(b, byte(len(r.Card))), r.Card...) //nolint:gosec // in its range
	b = append(append(b, byte(len(person))), person...) //nolint:gosec // in its range
	_, err = h.Write(b)
	return err
}

// judgeContent compares the hashes that the rows make with those that were submitted.
func (v *verifier) judgeContent() {
	c := v.check(checkContent)
	h := sm3.New()
	for i, b := range v.rollout.Batches {
		if i > 0 && b.Number <= v.rollout.Batches[i-1].Number {
			c.wrong("批次次序不对 batches out of order")
		}
		made := digestOf(nil)
		if rows := v.rows.hashes[b.Number]; rows != nil {
			made = hex.EncodeToString(rows.Sum(nil))
		}
		if b.Hash != "" && made != b.Hash {
			c.wrong("批次%d的各行与摘要不符 the rows of batch %d make another hash", b.Number, b.Number)
		}
		if planned := v.rows.batches[b.Number]; planned != (sum{b.Rows, b.Fen}) {
			c.wrong("批次%d：计划%v，实有%v batch %d: planned, and there", b.Number, sum{b.Rows, b.Fen}, planned, b.Number)
		}
		hashed, _ := hex.DecodeString(made)
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(b.Number))) //nolint:gosec // bits, not a number
		h.Write(hashed)
		delete(v.rows.batches, b.Number)
	}
	for number := range v.rows.batches {
		c.wrong("批次%d不在计划中 batch %d is not planned", number, number)
	}
	h.Write(v.rulesText)
	made := hex.EncodeToString(h.Sum(nil))
	c.Figure = fmt.Sprintf("%d rows in %d batches: sm3 %s", v.rows.total.Rows, len(v.rollout.Batches), made)
	if v.rollout.ContentHash == "" && v.rows.sent.Rows == 0 {
		return // not submitted yet
	}
	if made != v.rollout.ContentHash {
		c.wrong("内容摘要应为%s the content hash submitted is another: %s", v.rollout.ContentHash, v.rollout.ContentHash)
	}
}

// approval is a signed approval as the pack tells it.
type approval struct {
	By        string    `json:"by"`
	Role      card.Role `json:"role"`
	Hash      string    `json:"hash"`
	At        time.Time `json:"at"`
	Signature string    `json:"signature"`
}

// judgeApprovals checks each approval's signature with a key that the audit chain gives its approver, and that none is missing
// when money has left.
func (v *verifier) judgeApprovals() {
	c := v.check(checkApprovals)
	var all []approval
	if !v.decode(c, entryApprovals, &all) {
		return
	}
	missing := slices.Clone(v.programme.Approvers(v.rows.total.Rows, v.rollout.Fen-v.rollout.RefusedFen))
	people := map[string]bool{v.rollout.MadeBy: true, v.rollout.SubmittedBy: true}
	for _, a := range all {
		if people[a.By] {
			c.wrong("%s 不得以%s审批 %s acts twice, now as %s", a.By, a.Role, a.By, a.Role)
		}
		people[a.By] = true
		if v.approved(c, a) {
			missing = slices.DeleteFunc(missing, func(r card.Role) bool { return r == a.Role })
		}
	}
	if len(missing) > 0 && v.rows.sent.Rows > 0 {
		c.wrong("款项已发出，缺少审批 money has left without approval by %v", missing)
	}
	c.Figure = fmt.Sprintf("%d approvals, %d roles missing", len(all), len(missing))
}

func (v *verifier) approved(c *Check, a approval) bool {
	hashed, err := hex.DecodeString(a.Hash)
	signed, errSigned := hex.DecodeString(a.Signature)
	if err != nil || errSigned != nil || a.Hash != v.rollout.ContentHash {
		c.wrong("%s 的审批不对应本内容 the approval by %s is not of this content", a.By, a.By)
		return false
	}
	key, chained := v.chain.approvals[chainApproval(a.By, a.Hash, a.Role)]
	if !chained {
		c.wrong("%s 的审批不在审计链中 the approval by %s is not in the audit chain", a.By, a.By)
		return false
	}
	text := card.ApprovalText(v.rollout.ID, a.Role, hashed)
	if signedBy(key, text, signed) {
		return true
	}
	c.wrong("%s 的签名无效 the signature of %s is not valid", a.By, a.By)
	return false
}
