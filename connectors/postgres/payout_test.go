package postgres_test

import (
	"crypto/rand"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/postgres"
)

// heating is a programme that the tests pay: approved by a checker and a releaser, without notice.
func heating() card.Programme {
	return card.Programme{
		ID: "CA90", Name: "测试取暖补贴", English: "heating", Department: "civil-affairs", Payer: "测试市民政局", Purpose: "取暖补贴", Period: card.Monthly,
		Limit: 100_000, Group: "winter", Tiers: []card.Tier{{Roles: []card.Role{card.RoleChecker, card.RoleReleaser}}},
	}
}

// holders are people with active cards and accounts.
func (p *programme) holders(n int) []card.Person {
	p.Helper()
	b, f, cards := p.produced(n)
	for i, c := range cards {
		require.NoError(p, p.report(1000*p.born+i, event(card.ReportHanded, f, c)))
	}
	b.activate(nil)
	people := make([]card.Person, 0, n)
	for _, r := range b.rows {
		people = append(people, r.Application.Person)
	}
	return people
}

// signer is somebody who approves with a key.
type signer struct {
	name string
	role card.Role
	key  *sm2.PrivateKey
}

func (p *programme) approver(name string, role card.Role) signer {
	p.Helper()
	key, err := sm2.GenerateKey(rand.Reader)
	require.NoError(p, err)
	point, err := sm2.PublicKeyToECDH(&key.PublicKey)
	require.NoError(p, err)
	require.NoError(p, p.AddApprover(p.Context(), postgres.Approver{Name: name, Role: role, PublicKey: point.Bytes(), AddedBy: "security"}))
	return signer{name, role, key}
}

func (s signer) sign(t require.TestingT, id card.RolloutID, hash []byte) card.Decision {
	signature, err := s.key.Sign(rand.Reader, card.ApprovalText(id, s.role, hash), sm2.NewSM2SignerOption(true, nil))
	require.NoError(t, err)
	return card.Decision{By: s.name, Role: s.role, Signature: signature}
}

func payRows(people []card.Person, fen int64) []postgres.PayRow {
	rows := make([]postgres.PayRow, 0, len(people))
	for i, p := range people {
		rows = append(rows, postgres.PayRow{Number: i + 1, SSN: p.SSN, Name: p.Name, Fen: fen + int64(i), Cells: []string{p.SSN, p.Name}})
	}
	return rows
}

func seqOf(rows []postgres.PayRow) iter.Seq2[postgres.PayRow, error] {
	return func(yield func(postgres.PayRow, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (p *programme) payout(period string, rows []postgres.PayRow) (card.RolloutID, error) {
	p.Helper()
	return p.payoutOf(period, rows, 4)
}

func (p *programme) payoutOf(period string, rows []postgres.PayRow, batch int) (card.RolloutID, error) {
	p.Helper()
	require.NoError(p, p.PutProgramme(p.Context(), heating(), "manager1"))
	n := postgres.NewPayout{
		NewRollout: postgres.NewRollout{Name: "测试", Roster: "pay.csv", MadeBy: "maker1", BatchRows: batch, CanaryThreshold: 500},
		Programme:  "CA90", Period: period, Rows: len(rows),
	}
	for _, r := range rows {
		n.Fen += r.Fen
	}
	return p.CreatePayout(p.Context(), n, seqOf(rows), func() [32]byte { return [32]byte{1} })
}

// ready brings a payout as far as its start, approved by both roles.
func (p *programme) ready(id card.RolloutID, signers ...signer) {
	p.Helper()
	require.NoError(p, p.FinishChecks(p.Context(), id))
	hash, err := p.Submit(p.Context(), id, "maker1")
	require.NoError(p, err)
	for _, s := range signers {
		_, err := p.ApprovePayout(p.Context(), id, s.sign(p, id, hash))
		require.NoError(p, err)
	}
	require.NoError(p, p.SetStatus(p.Context(), id, card.RolloutRunning, "maker1", ""))
}

// TestPayout pays people once: answers well, answers badly, leaves out, asks again, takes back, and pays again who came back.
func TestPayout(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	people := p.holders(6)
	rows := payRows(people, 10_000)
	rows = append(rows,
		postgres.PayRow{Number: 7, SSN: people[0].SSN, Name: people[0].Name, Fen: 1},
		postgres.PayRow{Number: 8, SSN: "440600195010300363", Name: "无卡", Fen: 1},
		postgres.PayRow{Number: 9, SSN: "x", Fen: 0, Reasons: []card.Reason{card.ReasonIDLength}})
	id, err := p.payout("2026-01", rows)
	require.NoError(t, err)
	v, err := p.Show(t.Context(), id, true)
	require.NoError(t, err)
	require.Equal(t, postgres.Fen{Intended: 60_017, Refused: 2, Pending: 60_015}, *v.Fen)
	require.Len(t, v.Batches, 2)

	require.Equal(t, card.ReasonApprovalForged, card.ReasonOf(p.Approve(t.Context(), id, "somebody")), "a name is no approval of money")
	p.ready(id, p.approver("checker1", card.RoleChecker), p.approver("releaser1", card.RoleReleaser))
	p.pay(t, v.Batches[0].ID, answers{1: "ACCT_CLOSED", 2: ""})
	p.pay(t, v.Batches[1].ID, nil)
	v, err = p.Show(t.Context(), id, true)
	require.NoError(t, err)
	require.Equal(t, postgres.Fen{Intended: 60_017, Refused: 2, Paid: 60_015 - 10_000 - 10_001, Returned: 10_000, Unknown: 10_001, Pending: 10_001, Released: 60_015}, *v.Fen)
	for _, i := range v.Invariants {
		require.True(t, i.Holds, "%s: %s", i.Name, i.Figure)
	}
	again, err := p.payout("2026-01", payRows(people[:2], 10_000))
	require.NoError(t, err)
	v, err = p.Show(t.Context(), again, true)
	require.NoError(t, err)
	require.Equal(t, 0, v.Counts.Accepted, "neither whose batch goes on nor whose outcome is unknown is paid again")
}

func mustBatch(t require.TestingT, id string) card.BatchID {
	b, err := card.ParseBatchID(id)
	require.NoError(t, err)
	return b
}

// pay sends a batch to its bank, which answers.
func (p *programme) pay(t *testing.T, batch string, a answers) card.Tally {
	t.Helper()
	b := mustBatch(t, batch)
	orders, err := all(p.PayOrders(t.Context(), b))
	require.NoError(t, err)
	f, _, err := p.ReserveFile(t.Context(), b, "ICBC", card.PayReq, 0)
	require.NoError(t, err)
	proof := card.Proof{Manifest: card.Manifest{Name: f.Name(), SM3: fmt.Sprintf("%064x", b.Number), Rows: len(orders)}, ConfirmedAt: time.Now()}
	for _, o := range orders {
		proof.TotalFen += o.Fen
	}
	require.NoError(t, p.ConfirmFile(t.Context(), b, f, proof, time.Now().Add(time.Hour)))
	var told []card.PayAnswer
	for _, o := range orders {
		if code, ok := a.codeOf(o.Ref); ok {
			answer := card.PayAnswer{Ref: o.Ref, Instruction: o.Instruction, Number: o.Number, PAN: o.PAN, Fen: o.Fen, Result: code}
			if code != card.ResultDone {
				answer.Reason = card.Reason(code)
			}
			told = append(told, answer)
		}
	}
	tally, err := p.ApplyPayments(t.Context(), b, f.Answer(card.PayRet), told, nil)
	require.NoError(t, err)
	return tally
}
