package sim

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRowsOfAFile has a rule with rows hit that many of each file, and no more.
func TestRowsOfAFile(t *testing.T) {
	t.Parallel()
	rule := newSieve(Rule{Do: RefuseRow, Code: "ACCT_DORMANT", Rows: 2})
	for seq := range 2 {
		sieves := []sieve{rule.of(FileName{Partner: "ICBC", Kind: "PAYREQ", Date: "20261121", Seq: seq + 1})}
		refused := 0
		for row := range 5 {
			if judge(sieves, []byte(strconv.Itoa(row)), []byte("D00000128")).code != "" {
				refused++
			}
		}
		require.Equal(t, 2, refused)
	}
}
