package card

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSubsidies(t *testing.T) {
	t.Parallel()
	all, err := Subsidies()
	require.NoError(t, err)
	departments, ids := map[string]int{}, map[string]bool{}
	for _, p := range all {
		departments[p.Department]++
		require.False(t, ids[p.ID], p.ID)
		ids[p.ID] = true
		require.NotEmpty(t, p.English)
		require.True(t, p.Fixed > 0 || p.Limit > 0, "%s: nobody is paid without bounds", p.ID)
		require.Equal(t, []Role{RoleChecker}, p.Approvers(1, 100), p.ID)
		require.Equal(t, Roles(), p.Approvers(3_000_000, 430_000_000_00), p.ID)
		require.NoError(t, p.CheckPeriod(p.PeriodExample()))
	}
	require.Equal(t, map[string]int{"human-resources": 13, "civil-affairs": 10, "agriculture": 6}, departments)
}

func TestTiersComeBack(t *testing.T) {
	t.Parallel()
	const text = "2000/3000000.50=checker; 50000/80000000=checker+releaser; all=checker+releaser+finance"
	tiers, err := ParseTiers(text)
	require.NoError(t, err)
	require.Equal(t, Tier{Rows: 2000, Fen: 300_000_050, Roles: []Role{RoleChecker}}, tiers[0])
	require.Equal(t, text, FormatTiers(tiers))
	for _, wrong := range []string{"", "2000=checker", "x/1=checker", "0/0=checker", "-1/1=checker", "1/-1=checker"} {
		_, err := ParseTiers(wrong)
		require.Equal(t, ReasonProgrammeShape, ReasonOf(err), wrong)
	}
}

func TestProgrammesThatAreWrong(t *testing.T) {
	t.Parallel()
	const head = "id,department,name,english,payer,purpose,period,fixed,limit,notice,group,approval\n"
	for _, wrong := range []string{
		"CA03,civil-affairs", "CA03,civil-affairs,n,e,p,u,month,,1000,x,,all=checker", "CA03,civil-affairs,n,e,p,u,month,1.234,,0,,all=checker",
		"CA03,civil-affairs,n,e,p,u,month,,x,0,,all=checker", "CA03,civil-affairs,n,e,p,u,month,,1,0,,1/1=checker", "CA03,civil-affairs,n,e,p,u,day,,1,0,,all=checker",
	} {
		_, err := parseProgrammes(head + wrong + "\n")
		require.Equal(t, Invalid, KindOf(err), wrong)
	}
	none, err := parseProgrammes("")
	require.NoError(t, err)
	require.Empty(t, none)
}
