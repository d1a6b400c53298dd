package conformance

import (
	"fmt"
	"slices"
	"strings"

	"onecard/card"
)

// badManifests are good texts whose manifests are wrong, and signed as they stand.
var badManifests = []spoilt{
	{"MANIFEST_SIGNATURE", Manifest, Words{"清单签名被改动", "a manifest that was changed after it was signed"}, reasons(card.ReasonFileSignature), declares,
		func(_ *bench, x *letter) error { return x.forge() }},
	{"MANIFEST_OTHER_KEY", Manifest, Words{"清单由别的密钥签名", "a manifest signed by another key"}, reasons(card.ReasonFileSignature), declares,
		func(b *bench, x *letter) (err error) {
			x.key, err = b.otherKey()
			return err
		}},
	{"MANIFEST_DIGEST", Manifest, Words{"清单摘要不符", "another digest in the manifest"}, reasons(card.ReasonFileDigest), declares,
		says("sm3", strings.Repeat("0123456789abcdef", 4))},
	{"MANIFEST_SIZE", Manifest, Words{"清单大小不符", "another size in the manifest"}, reasons(card.ReasonFileSize), declares, says("size", "77")},
	{"MANIFEST_ROWS", Manifest, Words{"清单行数不符", "other rows in the manifest"}, reasons(card.ReasonFileRows), declares, says("rows", "7")},
	{"MANIFEST_TOTAL", Manifest, Words{"清单金额不符", "another total in the manifest"}, reasons(card.ReasonFileTotal), declares, says("total", "100")},
	{"MANIFEST_NAME", Manifest, Words{"清单写着别的文件名", "another name in the manifest"}, reasons(card.ReasonFileManifest, card.ReasonFileName), declares,
		func(_ *bench, x *letter) error {
			x.set("name", strings.Replace(x.name, fmt.Sprintf("_%06d.", x.file.Seq), "_999999.", 1))
			x.set("sequence", "999999")
			return nil
		}},
	{"MANIFEST_LAYOUT", Manifest, Words{"清单版式不符", "another layout in the manifest"}, reasons(card.ReasonFileManifest, card.ReasonFileLayout), declares, says("layout", "NOTHING/1")},
	{"MANIFEST_DATE", Manifest, Words{"清单日期不符", "another date in the manifest"}, reasons(card.ReasonFileManifest), declares, says("date", "20000101")},
	{"MANIFEST_SEQUENCE", Manifest, Words{"清单序号不符", "another sequence in the manifest"}, reasons(card.ReasonFileManifest), declares, says("sequence", "888888")},
	{"MANIFEST_VERSION", Manifest, Words{"清单版本未知", "a manifest of an unknown version"}, reasons(card.ReasonFileManifest), declares, says("manifest", "2")},
	{"MANIFEST_ZEROS", Manifest, Words{"清单数字带前导零", "a number with leading zeros in the manifest"}, reasons(card.ReasonFileManifest), declares,
		func(_ *bench, x *letter) error {
			x.set("rows", "0"+x.get("rows"))
			return nil
		}},
	{"MANIFEST_ORDER", Manifest, Words{"清单次序颠倒", "a manifest in another order"}, reasons(card.ReasonFileManifest), declares,
		func(_ *bench, x *letter) error {
			slices.Reverse(x.lines[1:3])
			return nil
		}},
	{"MANIFEST_MORE", Manifest, Words{"清单签名后还有内容", "a manifest with more after the signature"}, reasons(card.ReasonFileManifest), declares,
		func(_ *bench, x *letter) error {
			x.extra = "more=1\n"
			return nil
		}},
}

// says has the manifest say something else, and signs that.
func says(key, value string) func(*bench, *letter) error {
	return func(_ *bench, x *letter) error {
		x.set(key, value)
		return nil
	}
}

// forge keeps the signature of a manifest that says something else: the lines that are sent are not those that were signed.
func (x *letter) forge() error {
	x.signed = slices.Clone(x.lines)
	x.set("rows", "13")
	return nil
}
