package layout_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/card"
	"onecard/connectors/layout"
)

func TestEveryFormatThatShipsIsRight(t *testing.T) {
	t.Parallel()
	names := layout.Shipped()
	require.GreaterOrEqual(t, len(names)-len(layout.Kinds()), 8, "beside the standard ones")
	for _, name := range names {
		l, err := layout.Open(name)
		require.NoError(t, err)
		require.Equal(t, name, l.Format, "the name in the format is that of its file")
		require.NotEmpty(t, l.Title)
	}
}

func TestEveryKindHasAStandardLayout(t *testing.T) {
	t.Parallel()
	for _, k := range layout.Kinds() {
		l, err := layout.Standard(k)
		require.NoError(t, err)
		require.Equal(t, string(k)+"/1", l.Name())
		require.Equal(t, k.Answer() != "", !l.Message.Inward && k != card.Dispatch && k != card.Receipt, k)
	}
	_, err := layout.Standard("NONE")
	require.Equal(t, card.NotFound, card.KindOf(err))
}
