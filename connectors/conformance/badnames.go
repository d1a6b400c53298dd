package conformance

import (
	"fmt"
	"strings"

	"onecard/card"
)

// badNames are files that are not called as they should be; name and manifest agree.
var badNames = []spoilt{
	{"NAME_FOREIGN", Naming, Words{"名称不合约定", "a name that is none of the exchange"}, reasons(card.ReasonFileName), shows,
		func(_ *bench, x *letter) error { return x.rename(fmt.Sprintf("READ_ME_%06d.txt", x.file.Seq)) }},
	{"NAME_DATE", Naming, Words{"名称中日期不存在", "a day in the name that does not exist"}, reasons(card.ReasonFileName), shows,
		func(b *bench, x *letter) error {
			return x.rename(strings.Replace(x.name, "_"+b.day+"_", "_"+b.day[:4]+"0231_", 1))
		}},
	{"NAME_SEQUENCE", Naming, Words{"名称中序号为零", "sequence zero in the name"}, reasons(card.ReasonFileName), shows,
		func(_ *bench, x *letter) error {
			return x.rename(strings.Replace(x.name, fmt.Sprintf("_%06d.", x.file.Seq), "_000000.", 1))
		}},
	{"NAME_OTHER_PARTNER", Naming, Words{"发给别的单位", "addressed to another partner"}, reasons(card.ReasonPartnerUnknown), func(b *bench, _ *letter) bool { return !b.atHome() },
		func(b *bench, x *letter) error {
			return x.rename("NOT" + strings.TrimPrefix(x.name, b.Endpoint.Partner[:2]))
		}},
	{"NAME_KIND", Naming, Words{"类型不存在", "a kind that does not exist"}, reasons(card.ReasonFileLayout), nil,
		func(b *bench, x *letter) error {
			x.set("layout", "NOTHING/1")
			return x.rename(strings.Replace(x.name, "_"+string(b.Request)+"_", "_NOTHING_", 1))
		}},
}

// rename calls the file otherwise, in its manifest too.
func (x *letter) rename(name string) error {
	x.name = name
	x.set("name", name)
	return nil
}
