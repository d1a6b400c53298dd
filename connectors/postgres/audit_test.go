package postgres_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
)

// TestAuditChain notices every change by hand at the first line that it touches.
func TestAuditChain(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		sql  string
		line int
	}{
		"altered":   {"update audit set who = 'somebody' where no = 3", 3},
		"removed":   {"delete from audit where no = 2", 2},
		"closed up": {"delete from audit where no = 2; update audit set no = no - 1 where no = 3; update audit set no = no - 1 where no = 4", 2},
		"inserted":  {"update audit set no = 5 where no = 4; update audit set no = 4 where no = 3; insert into audit select 3, at, who, action, subject, detail, hash from audit where no = 2", 3},
		"backdated": {"update audit set at = at - interval '1 microsecond' where no = 1", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProgramme(t)
			b := p.lot(1) // created, submitted, approved, started
			lines, err := p.Audit(t.Context())
			require.NoError(t, err)
			require.Len(t, lines, 4)
			p.exec(tc.sql)
			_, err = p.Audit(t.Context())
			requireKind(t, err, card.Breach, card.ReasonInvariantBreach)
			require.ErrorContains(t, err, fmt.Sprintf("line %d", tc.line))
			require.Contains(t, p.broken(b.id.Rollout), "audit_chain_unbroken")
		})
	}
}

func TestAuditIsWrittenOnce(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	p.lot(1)
	for _, sql := range []string{"update audit set who = 'x'", "delete from audit", "truncate audit"} {
		_, err := p.conn.Exec(t.Context(), sql)
		require.ErrorContains(t, err, "written once", sql)
	}
}

// TestAuditUnderCrowd writes from many hands at once: it stays one line after the other.
func TestAuditUnderCrowd(t *testing.T) {
	t.Parallel()
	p := newProgramme(t)
	_, _, cards := p.produced(15)
	var each sync.WaitGroup
	errs := make([]error, len(cards))
	for i, c := range cards {
		each.Go(func() { _, errs[i] = p.HandOver(t.Context(), c.Number, "01", fmt.Sprintf("clerk%d", i)) })
	}
	each.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	lines, err := p.Audit(t.Context())
	require.NoError(t, err)
	require.Len(t, lines, 4+len(cards))
}
