package sim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The first rows of a file can be the ones that come back, beyond those that another rule accepts.
func TestSoManyRowsComeBack(t *testing.T) {
	t.Parallel()
	h, p := open(t, payRule("PAYREQ", "do=\"accept\"\nrows=1")+payRule("PAYREQ", "do=\"payback\"\ncode=\"ACCT_CLOSED\"\nrows=2"), 1000)
	h.SendMoney(payReq, 40, payRow(1, 1, 10), payRow(2, 1, 10), payRow(3, 1, 10), payRow(4, 1, 10))
	require.Len(t, h.Answer(p, payRet), 4)
	back := lines(h, EventReturned)
	require.Len(t, back, 2)
	require.Equal(t, "2", back[0].Ref)
	require.Equal(t, "3", back[1].Ref)
}
