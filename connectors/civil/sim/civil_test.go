package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/connectors/exchange/sim/simtest"
)

const (
	request  = "CIVIL_MATCHREQ_20261121_000001.txt"
	returned = "CIVIL_MATCHRET_20261121_000001.txt"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	h := simtest.New(t)
	p := h.Start(h.Config("CIVIL", New("")))
	h.Send(request,
		"1|01|440100199001010015|\xc5\xb7\xd1\xf4|19900101",
		"2|01|440100199001010016|\xc5\xb7\xd1\xf4|19900101", // check digit
		"3|01|440100199001010015|\xc5\xb7\xd1\xf4|19900102", // birth
		"4|11|810000199001010019||19900101",                 // no name
		"5|04|H01234567|\xc5\xb7\xd1\xf4|19900101",
		"6|08||\xc5\xb7\xd1\xf4|19900101",
		"7|11|11010519491231002X|\xc5\xb7\xd1\xf4|19491231",
	)
	require.Equal(t, [][]string{
		{"1", "440100199001010015", "00", ""},
		{"2", "440100199001010016", "01", ""},
		{"3", "440100199001010015", "01", ""},
		{"4", "810000199001010019", "02", ""},
		{"5", "H01234567", "00", ""},
		{"6", "", "01", ""},
		{"7", "11010519491231002X", "00", ""},
	}, h.Answer(p, returned))
	require.Equal(t, 7, h.Events()[EventMatched])
}

func TestMatchByRules(t *testing.T) {
	t.Parallel()
	for code, died := range map[string]bool{"01": false, "02": false, "03": true} {
		h := simtest.New(t)
		cfg := h.Config("CIVIL", New(""))
		cfg.Rules = h.Rules("[[rule]]\npartner=\"*\"\nkind=\"MATCHREQ\"\ndo=\"refuse\"\ncode=\"" + code + "\"\n")
		p := h.Start(cfg)
		h.Send(request, "1|01|440100199001010015|\xc5\xb7\xd1\xf4|19900101", "2|01|440100202611200029|\xc5\xb7\xd1\xf4|20261120")
		rows := h.Answer(p, returned)
		require.Equal(t, code, rows[0][2])
		require.Equal(t, died, rows[0][3] != "")
		if died {
			require.Greater(t, rows[0][3], "20251101")
			require.Less(t, rows[0][3], "20261121")
			require.Equal(t, dayOfDeath("20261121", []byte(rows[0][1]), nil), []byte(rows[0][3]), "always the same day")
		}
	}
	require.Equal(t, "20261120", string(dayOfDeath("20261121", []byte("x"), []byte("20261120"))), "nobody dies before birth")
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	for _, n := range []string{"11010519491231002X", "440524188001010014", "830000199201300022", "440300198506150116"} {
		require.True(t, identity([]byte(n)), n)
	}
	for _, n := range []string{"15000019970319128X", "", "44030019850615011", "4403001985061501160", "44030019850615O116"} {
		require.False(t, identity([]byte(n)), n)
	}
}
