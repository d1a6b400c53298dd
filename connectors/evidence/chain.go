package evidence

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"onecard/card"
)

// line is a line of the audit chain.
type line struct {
	No      int64     `json:"no"`
	At      time.Time `json:"at"`
	Who     string    `json:"who"`
	Action  string    `json:"action"`
	Subject string    `json:"subject"`
	Detail  string    `json:"detail"`
	Hash    string    `json:"hash"`
}

// chain is what the audit chain tells of the rollout and of its approvers.
type chain struct {
	keys      map[keyHolder]string // that somebody has had until here
	approvals map[string]string    // the key that the approver had when the approval was given
	created   string               // the detail of the line that created the rollout
	maker     string
	submitter string
}

type keyHolder struct {
	name string
	role card.Role
}

func chainApproval(by, hash string, role card.Role) string {
	return fmt.Sprintf("%s\x1fcontent sm3 %s as %s", by, hash, role)
}

// followChain computes the hash of every line anew.
func (v *verifier) followChain() {
	c := v.check(checkAudit)
	v.chain = chain{keys: map[keyHolder]string{}, approvals: map[string]string{}}
	var prev []byte
	lines(v, c, entryAudit, func(l line) {
		v.HeadLine++
		h := sm3.New()
		h.Write(prev)
		_, _ = fmt.Fprintf(h, "%d\x1f%s\x1f%s\x1f%s\x1f%s\x1f%s", l.No, l.At.UTC().Format(time.RFC3339Nano), l.Who, l.Action, l.Subject, l.Detail)
		prev = h.Sum(nil)
		if l.No != v.HeadLine || l.Hash != hex.EncodeToString(prev) {
			c.wrong("第%d行与上一行不相接 line %d does not follow from the one before", v.HeadLine, v.HeadLine)
			prev, _ = hex.DecodeString(l.Hash)
		}
		v.chain.take(l, string(v.rollout.ID))
	})
	v.HeadHash = hex.EncodeToString(prev)
	c.Figure = fmt.Sprintf("%d lines, head sm3 %s", v.HeadLine, v.HeadHash)
	if v.HeadLine != v.rollout.Head.No || v.HeadHash != v.rollout.Head.Hash {
		c.wrong("链尾与记录不符 the chain does not end where it did: line %d", v.rollout.Head.No)
	}
	if !strings.HasPrefix(v.chain.created, "roster sm3 "+v.rollout.RosterSM3+",") {
		c.wrong("名册摘要与创建时的记录不符 the roster's digest is not the one with which the rollout was created")
	}
	if v.chain.maker != v.rollout.MadeBy || v.chain.submitter != v.rollout.SubmittedBy {
		c.wrong("创建人或提交人与审计链不符 who made or submitted it is another than the chain says")
	}
}

func (c *chain) take(l line, id string) {
	switch {
	case l.Action == "approver.add":
		if role, key, ok := strings.Cut(l.Detail, " key "); ok {
			c.keys[keyHolder{l.Subject, card.Role(role)}] = key
		}
	case l.Action == "approver.revoke":
		role, _, _ := strings.Cut(l.Detail, " key ")
		delete(c.keys, keyHolder{l.Subject, card.Role(role)})
	case l.Action == "rollout.approved" && l.Subject == id:
		_, role, _ := strings.Cut(l.Detail, " as ")
		c.approvals[l.Who+"\x1f"+l.Detail] = c.keys[keyHolder{l.Who, card.Role(role)}]
	case l.Action == "rollout.create" && l.Subject == id:
		c.created, c.maker = l.Detail, l.Who
	case l.Action == "rollout.submitted" && l.Subject == id:
		c.submitter = l.Who
	}
}
