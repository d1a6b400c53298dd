package card

// decisionTexts: why the hub does not do what was asked, or stops by itself.
var decisionTexts = map[Reason]Text{
	ReasonSamePerson: {
		"创建或提交发放计划的人不能自己审批。",
		"Whoever made or submitted a rollout may not approve it.",
		"请另一位有审批权限的同事审批。",
		"Please ask a colleague who may approve.",
	},
	ReasonHashDiffers: {
		"名册内容在提交之后有变动，与送审的内容不一致。",
		"The rows have changed since they were submitted.",
		"请重新预览并提交，再由审批人对新的内容审批。",
		"Please preview and submit again, so that the new content can be approved.",
	},
	ReasonNotSubmitted: {
		"发放计划还没有提交，不能审批。",
		"The rollout has not been submitted, so it cannot be approved.",
		"请经办人先预览并提交。",
		"Please have its maker preview and submit it first.",
	},
	ReasonNotApproved: {
		"发放计划缺少有效的审批。",
		"The rollout lacks an approval that counts.",
		"请由另一位同事审批后再启动；已停止的，补批后用 onecard rollout resume 继续。缺谁的审批见 onecard rollout show。",
		"Please have it approved by another colleague, then start it; one that has stopped is approved and resumed. onecard rollout show says whose approval is missing.",
	},
	ReasonWrongState: {
		"当前状态下不能进行这项操作。",
		"This cannot be done in the present state.",
		"请刷新页面查看最新状态，再决定下一步。",
		"Please look at the present state before deciding on the next step.",
	},
	ReasonLedgerUnreachable: {
		"暂时连不上台账数据库。",
		"The ledger's database cannot be reached at the moment.",
		"系统会自动重试；如果一直不恢复，请运行onecard doctor查看原因。",
		"It is tried again by itself; if that does not help, run onecard doctor to see why.",
	},
	ReasonLedgerFault: {
		"台账数据库拒绝了这次操作，这是系统自身的问题。",
		"The ledger's database refused this; the fault is the hub's own.",
		"请把操作时间和编号告诉系统维护人员，数据没有改动。",
		"Please tell the engineers the time and the number; nothing was changed.",
	},
	ReasonConstraintHeld: {
		"数据与台账中已有的记录冲突，操作已整体撤销。",
		"This contradicts what the ledger already holds and was undone as a whole.",
		"请核对是否重复提交，或对方文件中的账号、芯片号是否已用于他人。",
		"Please check whether it was handed in twice, or whether an account or chip in the partner's file already belongs to another card.",
	},
	ReasonTemporalDown: {
		"暂时连不上流程引擎。",
		"The workflow engine cannot be reached at the moment.",
		"请运行onecard doctor查看原因，恢复后再执行一次，不会重复办理。",
		"Run onecard doctor to see why, then do it again; nothing is done twice.",
	},
	ReasonDecisionPending: {
		"决定已交给流程引擎，但在限定时间内没有得到执行结果，可能仍会生效。",
		"The decision was handed to the workflow engine, but no answer came in time; it may still take hold.",
		"请先运行onecard rollout show查看状态，再运行onecard doctor确认执行进程正常；可再执行一次，不会重复办理。",
		"See with onecard rollout show where the rollout stands, and with onecard doctor whether the worker runs; doing it again is harmless.",
	},
	ReasonRangeOverlaps: {
		"这个号段与已有的号段重叠，没有加入。",
		"This range overlaps one that is there already, and was not added.",
		"请用onecard numbers list查看已有号段，换一个前缀或起止号。",
		"See the ranges with onecard numbers list, and choose another prefix or other serials.",
	},
	ReasonDiskFull: {
		"磁盘已满，文件没有写入。",
		"The disk is full; the file was not written.",
		"请腾出磁盘空间，系统会自动重试，不会丢失也不会重复。",
		"Please free some space; it is tried again by itself, nothing is lost or doubled.",
	},
	ReasonNoSuchRollout: {
		"没有这个发放计划。",
		"There is no such rollout.",
		"请核对编号，例如R20261121-001；可在列表中查找。",
		"Please check the number, such as R20261121-001, or find it in the list.",
	},
	ReasonNoSuchCard: {
		"没有这张卡。",
		"There is no such card.",
		"请核对9位社保卡号（不是银行卡号）。",
		"Please check the nine-character card number; it is not the bank card number.",
	},
	ReasonNoNumbersLeft: {
		"该市的社保卡号段已用完。",
		"The city's range of card numbers is used up.",
		"请卡管中心分配新的号段，之后继续即可，已处理的行不受影响。",
		"Please have the card management centre allot a new range, then resume; rows already done are not touched.",
	},
	ReasonInvariantBreach: {
		"核对发现数据不平，系统已冻结相关批次，以免出错扩大。",
		"A control figure does not add up; the batch is frozen so that nothing worse happens.",
		"请不要手工改动数据，立即通知系统运维人员，按页面列出的差异核查。",
		"Please change nothing by hand and tell the operators at once; the differences are listed.",
	},
	ReasonUserUnknown: {
		"没有这个用户，或没有进行这项操作的权限。",
		"There is no such user, or the user may not do this.",
		"请核对用户名，或请管理员授予权限。",
		"Please check the user's name, or ask the administrator for the right.",
	},
	ReasonCanaryFailed: {
		"试点批次的失败率超过设定值，其后的批次没有启动。",
		"Too many rows of a canary batch failed, so the batches behind it were not started.",
		"请下载失败清单查明原因，处理后恢复执行，或取消本次发放。",
		"Please download the failed rows and find the cause; then resume the rollout or cancel it.",
	},
	ReasonPartnerUnknown: {
		"合作单位没有登记。",
		"The partner is not registered.",
		"请先登记该单位的代码、地址和密钥，并完成联调测试。",
		"Please register its code, address and keys first, and pass the conformance test.",
	},
	ReasonPartnerUnreachable: {
		"暂时连不上合作单位的服务器。",
		"The partner's server cannot be reached at the moment.",
		"系统会自动重试，不会丢失数据；长时间未恢复时请联系对方的技术人员。",
		"The hub keeps trying and loses nothing; if it lasts, please call the partner's engineers.",
	},
	ReasonHostKeyDiffers: {
		"合作单位服务器的主机密钥与登记的不一致，连接已中止。",
		"The host key of the partner's server is not the one registered; the connection was broken off.",
		"请用电话向对方核实是否更换了服务器或密钥，确认后再更新登记；在此之前不要放行。",
		"Please ask the partner by telephone whether server or key has changed, and register the new key only then.",
	},
	ReasonRolloutPaused: {
		"发放计划已暂停。",
		"The rollout is paused.",
		"需要继续时，请恢复执行；已完成的步骤不会重做。",
		"Resume it when you want it to go on; what is done is not done again.",
	},
}
