package card

// onboardTexts: why a partner takes no part yet, or cannot be brought in.
var onboardTexts = map[Reason]Text{
	ReasonHostKeyUnconfirmed: {
		"服务器的主机公钥还没有人确认。",
		"Nobody has confirmed the server's host key yet.",
		"请向合作单位核对指纹（电话或函件，不要只看本次扫描），再用 --host-key-fingerprint 给出。",
		"Please compare the fingerprint with the partner by telephone or letter, not by this scan, and give it by --host-key-fingerprint.",
	},
	ReasonPartnerExists: {
		"这个合作单位已经登记。",
		"This partner is there already.",
		"请用 onecard partner show 查看；要改动请编辑它的配置文件，然后重新测试。",
		"See it with onecard partner show; to change it, edit its file and test it again.",
	},
	ReasonPartnerNotLive: {
		"这个合作单位还没有上线，或已停用，不参加发放。",
		"This partner is not live, or was suspended, and takes no part in rollouts.",
		"请用 onecard partner show 查看缺什么：测试报告全绿后，由两个人先后申请和批准上线。",
		"See what is missing with onecard partner show: a green report, then one person who asks and another who approves.",
	},
	ReasonPartnerUntested: {
		"这个合作单位还没有做过一致性测试。",
		"This partner has not been tested yet.",
		"请先运行 onecard partner test。",
		"Please run onecard partner test first.",
	},
	ReasonPartnerFailed: {
		"最近一次一致性测试有未通过的项目。",
		"Checks have failed in the partner's last test.",
		"请把报告交给合作单位，更正后重新测试。",
		"Please hand the report to the partner, and test again when it is mended.",
	},
	ReasonPartnerStale: {
		"测试之后配置、版式或主机公钥有变动，报告已经失效。",
		"Settings, layouts or the host key have changed since the test, so its report no longer counts.",
		"请重新运行 onecard partner test，再申请上线。",
		"Please run onecard partner test again, then ask for it to go live.",
	},
	ReasonPartnerNotAsked: {
		"还没有人申请这个合作单位上线。",
		"Nobody has asked for this partner to go live.",
		"请先由一位同事运行 onecard partner go-live，再由另一位批准。",
		"Please have one colleague run onecard partner go-live, then another approve.",
	},
	ReasonSettingsWrong: {
		"配置有误。",
		"The settings are wrong.",
		"请按报出的行号和键名逐条更正；每个键的写法见 deploy/onecard.toml。",
		"Please mend each line and key that is named; deploy/onecard.toml shows how every key is written.",
	},
	ReasonFormatWrong: {
		"版式文件有误。",
		"The format is wrong.",
		"请按报出的行号和键名逐条更正；写法见 docs/partner-layouts.md，也可用 onecard partner layout show 取一份相近的版式来改。",
		"Please mend each line and key that is named; docs/partner-layouts.md is the notation, and onecard partner layout show gives a format to begin with.",
	},
	ReasonFormatUnknown: {
		"没有这个版式。",
		"There is no such format.",
		"请核对文件路径（以 .toml 结尾）或名称；随程序提供的版式可用 onecard partner layout list 查看。",
		"Please check the path, which ends in .toml, or the name; onecard partner layout list tells those that ship.",
	},
}
