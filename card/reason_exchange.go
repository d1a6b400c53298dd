package card

// exchangeTexts: how an exchanged file stands among the others, and why people cannot do with it what they ask.
var exchangeTexts = map[Reason]Text{
	ReasonFileSequenceGap: {
		"文件序号中间有缺号：前一个序号的文件还没有收到，本文件先隔离。",
		"A sequence number is missing before this file; it is set aside until the missing one has come.",
		"请对方补发缺少的序号；补到后本文件由系统自动取用，不必重发。",
		"Please have the partner send the missing number; this file is then taken by itself and need not be sent again.",
	},
	ReasonFileSequenceRepeated: {
		"这个文件名（序号）已经用过并且已入账，这次的内容不同，没有采用。",
		"This name (sequence number) was used and applied before; now it has other content, which was not applied.",
		"请对方把新的内容用下一个序号发送；已入账的内容保持不变。",
		"Please have the partner send new content under the next sequence number; what was applied stays as it is.",
	},
	ReasonFileRepeatedContent: {
		"文件内容与另一个已收文件完全相同（SM3一致），只是换了文件名。",
		"The content equals that of another file that was taken (the same SM3), only the name differs.",
		"请对方确认是否误发；确属有意重发的，由两人核对后放行。",
		"Please ask the partner whether it was sent by mistake; if it was meant, two people may release it.",
	},
	ReasonFileLate: {
		"文件晚于约定时间到达，已照常收取。",
		"The file came after the agreed time; it was taken nevertheless.",
		"请对方按约定的截止时间发送；如需调整时间，请与中心商定。",
		"Please have the partner send in time, or agree upon another time with the hub.",
	},
	ReasonFileDate: {
		"文件的业务日期不在可接受的范围内（太早，或在今天之后）。",
		"The file's business date is too long ago, or after today.",
		"请对方核对日期，用当天的日期和新的序号重发；日期无误的，由两人核对后放行。",
		"Please have the partner check the date and send it under today's; if the date is right, two people may release it.",
	},
	ReasonFileAnswered: {
		"文件首行所答复的文件名不是我方等待答复的那个文件。",
		"The first line names another file as answered than the one that waits for this answer.",
		"请对方核对答复的是哪个请求，按接口文档重新生成后发送。",
		"Please have the partner check which request it answers, and write the file anew.",
	},
	ReasonFileNoManifest: {
		"数据文件已到，但过了约定时间仍没有清单文件（.ok）。",
		"The data file is there, but its manifest (.ok) has not come within the agreed time.",
		"请对方补发清单；没有清单的文件不会被采用。",
		"Please have the partner send the manifest; without it the file is not taken.",
	},
	ReasonFileNoData: {
		"清单文件（.ok）已到，但过了约定时间仍没有数据文件。",
		"The manifest (.ok) is there, but its data file has not come within the agreed time.",
		"请对方补发数据文件，或撤回清单。",
		"Please have the partner send the data file, or take the manifest back.",
	},
	ReasonFileOtherCard: {
		"文件里有一行的社保卡号与我方发出的不是同一个。",
		"A row bears another card number than the one that the hub sent for it.",
		"请对方按行号核对卡号，更正后重新发送。",
		"Please have the partner compare the card number of that row, correct it and send the file again.",
	},
	ReasonFileOtherPerson: {
		"文件里有一行的证件号码与我方发出的不是同一个人。",
		"A row bears another person's number than the one that the hub sent for it.",
		"请对方按行号核对证件号码，更正后重新发送。",
		"Please have the partner compare the number of that row, correct it and send the file again.",
	},
	ReasonFileUsedAccount: {
		"文件里有一行的银行卡号已经属于另一张社保卡。",
		"A row bears a bank card number that belongs to another card already.",
		"请银行核对该行的账户是否开给了本人，更正后重新发送；确认之前不会登记。",
		"Please have the bank check whose account it is, correct the row and send the file again; nothing is recorded before.",
	},
	ReasonFileUnknownDispatch: {
		"该行所写的分拨文件不是我方发出的。",
		"The row names a dispatch file that the hub never sent.",
		"请网点核对分拨文件名，更正后在下一份报告里重报这一行。",
		"Please have the outlet check the name of the dispatch, and report the row again in its next file.",
	},
	ReasonFileUnexpected: {
		"没有等待这个文件：我方没有发出过对应的请求，或贵方不报送这类文件。",
		"Nobody waits for this file: the hub sent no request that it would answer, or the partner does not report in such files.",
		"请对方核对文件名里的类型、日期和序号，答复须与请求相同，更名后重新发送。",
		"Please have the partner check kind, date and sequence in the name, which are those of the request, and send it again.",
	},
	ReasonFileHeld: {
		"文件被操作人员扣留，暂不采用。",
		"An operator has set the file aside; it is not applied for now.",
		"请与扣留人核实原因；可以采用的，由两人放行，否则请对方更正后重发。",
		"Please ask who set it aside; two people may release it, or the partner sends a corrected one.",
	},
	ReasonFileWithdrawn: {
		"这个文件所答复的请求已经由我方撤回并换号重发。",
		"The file answers a request that the hub has withdrawn and sent again under another number.",
		"请立即向对方核实：撤回的请求是否已被办理；核实清楚之前不会采用。",
		"Please ask the partner at once whether it acted upon the withdrawn request; nothing is applied before that is clear.",
	},
	ReasonFileRefusedThere: {
		"合作单位拒收了我方的文件。",
		"The partner refused the hub's file.",
		"请查看对方给出的原因；排除后可换号重发（onecard file reissue）。",
		"Please look at the partner's reason; once it is mended, send the file under a new number (onecard file reissue).",
	},
	ReasonFileVanished: {
		"我方发出的文件在合作单位的收件夹和已处理夹里都找不到了。",
		"The hub's file is neither in the partner's inbox nor among its processed files any more.",
		"请询问对方是否已经取走；在得到答复之前不要重发。",
		"Please ask the partner whether it has taken the file; send nothing again before it has answered.",
	},
	ReasonFileArchive: {
		"归档里没有这个文件，或归档内容与台账登记的摘要不一致。",
		"The archive does not have this file, or what it has differs from the digest in the ledger.",
		"请立即通知系统运维人员检查归档目录和备份。",
		"Please tell the operators at once to check the archive and its backups.",
	},
	ReasonNoSuchFile: {
		"没有这个文件。",
		"There is no such file.",
		"请核对文件名，例如ICBC_ACCTRET_20261121_000017.txt；可用onecard file list查找。",
		"Please check the name, such as ICBC_ACCTRET_20261121_000017.txt, or find it with onecard file list.",
	},
	ReasonFileApplied: {
		"文件已经入账，不能再隔离、放行或替换。",
		"The file has been applied; it can no longer be set aside, released or replaced.",
		"入账的内容不会撤销；有错的，请对方发送更正文件，或按业务流程更正。",
		"What was applied stays; if it is wrong, the partner sends a correction, or the case is corrected in its own process.",
	},
	ReasonFileStructural: {
		"文件本身有错（格式、摘要、签名、行数或内容），不能由人放行。",
		"The file itself is wrong (layout, digest, signature, rows or content); nobody can release it.",
		"请把onecard file show列出的位置告诉对方，请其更正后用同名或下一个序号重发。",
		"Please tell the partner the places that onecard file show lists, and have it send a corrected file under the same name or the next number.",
	},
	ReasonFileOutcomeUnknown: {
		"不能证明合作单位没有办理过这个文件，不能换号重发，否则可能重复办理。",
		"It is not proved that the partner did nothing with this file; sent again, it might be acted upon twice.",
		"请先向对方查询结果（银行开户用查询文件），得到“从未收到”或拒收的答复后再重发。",
		"Please ask the partner first (for account openings by an enquiry file), and send again only after “never received” or a refusal.",
	},
	ReasonFileChanged: {
		"提出之后文件内容又变了（SM3不同），原来的申请已作废。",
		"The file's content has changed since it was asked for (another SM3); that request is void.",
		"请重新核对现在的内容（onecard file show），再由两人重新提出和复核。",
		"Please look at the content as it is now (onecard file show); then two people ask and confirm anew.",
	},
	ReasonSecondPerson: {
		"这项操作需要两个人：提出的人不能自己复核。",
		"This takes two people: whoever asked for it cannot confirm it.",
		"请另一位同事用自己的用户名执行同一条命令。",
		"Please have a colleague run the same command under his or her own name.",
	},
}
