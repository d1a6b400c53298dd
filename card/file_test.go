package card_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/card"
)

func TestFileName(t *testing.T) {
	t.Parallel()
	f := card.File{Partner: "ICBC", Kind: card.AcctReq, Date: "20261121", Seq: 17}
	require.Equal(t, "ICBC_ACCTREQ_20261121_000017.txt", f.Name())
	require.Equal(t, "ICBC_ACCTRET_20261121_000017.txt", f.Answer(f.Kind.Answer()).Name())
	require.Empty(t, card.Report.Answer())
	got, err := card.ParseFileName(f.Name())
	require.NoError(t, err)
	require.Equal(t, f, got)
}

func TestParseFileNameRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", ".txt", "ICBC_ACCTREQ_20261121_000017", "ICBC_ACCTREQ_20261121_000017.txt.ok", "ICBC_ACCTREQ_20261121_000017.txt.tmp",
		"../ICBC_ACCTREQ_20261121_000017.txt", "inbox/ICBC_ACCTREQ_20261121_000017.txt", "ICBC_ACCTREQ_20261121_000017.txt\x00",
		"icbc_ACCTREQ_20261121_000017.txt", "I_ACCTREQ_20261121_000017.txt", "ICBC_AC_20261121_000017.txt",
		"ICBC_ACCT1_20261121_000017.txt", "ICBC_ACCTREQ_20260230_000017.txt", "ICBC_ACCTREQ_20261121_000000.txt",
		"ICBC_ACCTREQ_20261121_17.txt", "ICBC_ACCTREQ_20261121_0000017.txt", "ICBC_ACCTREQ_20261121_00001٧.txt",
		"ICBC_ACCTREQ_X_20261121_000017.txt", " ICBC_ACCTREQ_20261121_000017.txt", "ICBC_ACCTREQ_20261121_+00017.txt",
		strings.Repeat("A", 17) + "_ACCTREQ_20261121_000017.txt", "ICBC_" + strings.Repeat("A", 13) + "_20261121_000017.txt",
	} {
		_, err := card.ParseFileName(s)
		require.Equal(t, card.Invalid, card.KindOf(err), "%q", s)
		require.Equal(t, card.ReasonFileName, card.ReasonOf(err))
	}
}

func TestFileNameComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := card.File{
			Partner: rapid.StringMatching(`[A-Z0-9]{2,16}`).Draw(t, "partner"),
			Kind:    card.FileKind(rapid.StringMatching(`[A-Z]{3,12}`).Draw(t, "kind")),
			Date:    "20280229",
			Seq:     rapid.IntRange(1, card.MaxSeq).Draw(t, "sequence"),
		}
		got, err := card.ParseFileName(f.Name())
		require.NoError(t, err)
		require.Equal(t, f, got)
	})
}

func FuzzParseFileName(f *testing.F) {
	f.Add("ICBC_ACCTREQ_20261121_000017.txt")
	f.Add("../../etc/passwd_A_B_C.txt")
	f.Add("OUTLET_REPORT_20261121_999999.txt")
	f.Fuzz(func(t *testing.T, s string) {
		file, err := card.ParseFileName(s)
		if err != nil {
			require.Equal(t, card.ReasonFileName, card.ReasonOf(err))
			return
		}
		require.Equal(t, s, file.Name())
		require.NotContains(t, s, "/")
		require.NotContains(t, s, "..")
	})
}

func TestBatchID(t *testing.T) {
	t.Parallel()
	rollout := card.NewRolloutID("20261121", 1)
	require.Equal(t, card.RolloutID("R20261121-001"), rollout)
	require.True(t, rollout.Valid())
	b := card.BatchID{Rollout: rollout, City: "440600", Bank: "102", Number: 3}
	require.Equal(t, "R20261121-001/440600/102/003", b.String())
	got, err := card.ParseBatchID(b.String())
	require.NoError(t, err)
	require.Equal(t, b, got)
	for _, s := range []string{
		"", "R20261121-001", "R20261121-001/440600/102", "R20261121-001/440600/102/0", "R20261121-001/440600/102/000",
		"R20261121-001/440600/102/0003", "R20261121-001/4406/102/003", "R20261321-001/440600/102/003", "R20261121-1/440600/102/003",
		"X20261121-001/440600/102/003", "R20261121-001/440600/102/003/4",
	} {
		_, err := card.ParseBatchID(s)
		require.Equal(t, card.Invalid, card.KindOf(err), s)
	}
}

func TestBatchIDComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := card.BatchID{
			Rollout: card.NewRolloutID("20261121", rapid.IntRange(1, 99999).Draw(t, "rollout")),
			City:    "440600", Bank: "102", Number: rapid.IntRange(1, 99999).Draw(t, "number"),
		}
		got, err := card.ParseBatchID(b.String())
		require.NoError(t, err)
		require.Equal(t, b, got)
	})
}
