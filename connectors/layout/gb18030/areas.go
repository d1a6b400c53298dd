package gb18030

// run is a stretch of two-byte codes in code order that carries as many consecutive code points. A stretch never runs past
// the trail bytes of its row.
type run struct {
	code   uint16
	length int
	point  uint16
}

// grid is a user-defined area: rows lead…lastLead by trail bytes trail…lastTrail (0x7F is never a trail byte), filled in
// code order with consecutive code points from point on.
type grid struct {
	lead, lastLead   int
	trail, lastTrail int
	point            uint16
}

// userAreas are the three user-defined areas of GB 18030 (用户自定义区), 1,894 codes. The table that browsers use has none of
// them and reads A3A0 as an ideographic space; files of card bureaus and banks keep rare characters of names there.
var userAreas = []grid{
	{0xAA, 0xAF, 0xA1, 0xFE, 0xE000},
	{0xF8, 0xFE, 0xA1, 0xFE, 0xE234},
	{0xA1, 0xA7, 0x40, 0xA0, 0xE4C6},
}

// reserved are the two-byte codes that GB 18030 has kept for characters which Unicode did not have when it was written.
// They carry private-use code points in code order; those that GB 18030 has moved since are in moved.
var reserved = []run{
	{0xA2AB, 6, 0xE766}, {0xA2E4, 1, 0xE76D}, {0xA2EF, 2, 0xE76E}, {0xA2FD, 2, 0xE770}, {0xA4F4, 11, 0xE772},
	{0xA5F7, 8, 0xE77D}, {0xA6B9, 8, 0xE785}, {0xA6D9, 7, 0xE78D}, {0xA6EC, 2, 0xE794}, {0xA6F3, 1, 0xE796},
	{0xA6F6, 9, 0xE797}, {0xA7C2, 15, 0xE7A0}, {0xA7F2, 13, 0xE7AF}, {0xA896, 11, 0xE7BC}, {0xA8BC, 1, 0xE7C7},
	{0xA8C1, 4, 0xE7C9}, {0xA8EA, 21, 0xE7CD}, {0xA958, 1, 0xE7E2}, {0xA95B, 1, 0xE7E3}, {0xA95D, 3, 0xE7E4},
	{0xA997, 13, 0xE7F4}, {0xA9F0, 15, 0xE801}, {0xD7FA, 5, 0xE810}, {0xFE51, 3, 0xE816}, {0xFE59, 1, 0xE81E},
	{0xFE61, 1, 0xE826}, {0xFE66, 2, 0xE82B}, {0xFE6C, 2, 0xE831}, {0xFE76, 1, 0xE83B}, {0xFE7E, 1, 0xE843},
	{0xFE90, 2, 0xE854}, {0xFEA0, 1, 0xE864},
}

// moved are the pairs that changed places: the character took over the two-byte code of the private-use code point, which
// took over the character's four-byte code. The first pair moved in GB 18030-2005, the others in GB 18030-2022.
var moved = [][2]uint16{
	{0xE7C7, 0x1E3F},
	{0xE78D, 0xFE10}, {0xE78E, 0xFE12}, {0xE78F, 0xFE11}, {0xE790, 0xFE13}, {0xE791, 0xFE14}, {0xE792, 0xFE15},
	{0xE793, 0xFE16}, {0xE794, 0xFE17}, {0xE795, 0xFE18}, {0xE796, 0xFE19},
	{0xE81E, 0x9FB4}, {0xE826, 0x9FB5}, {0xE82B, 0x9FB6}, {0xE82C, 0x9FB7}, {0xE832, 0x9FB8}, {0xE843, 0x9FB9},
	{0xE854, 0x9FBA}, {0xE864, 0x9FBB},
}
