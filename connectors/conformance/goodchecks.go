package conformance

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"onecard/card"
	"onecard/connectors/layout"
)

func goodChecks() []check {
	send := Words{"向 test/inbox 发布一份好文件，等候答复", "published a good file into test/inbox and waited for the answer"}
	system := Words{"请检查测试系统是否在处理 test/inbox。", "See whether the test system deals with test/inbox."}
	return []check{
		at(Exchange, "GOOD_PUBLISHED", Words{"好文件可以带证明送达", "a good file can be published with proof"}, Words{"写临时文件、读回、改名、最后写清单", "temporary name, read back, rename, manifest last"},
			Words{"每一步都成功", "every step succeeds"}, Words{"见“所见”。", "See what was found."}, (*bench).wasPublished),
		good("GOOD_TAKEN", Words{"好文件被收取", "a good file is taken"}, send, Words{"移入 test/inbox/done，没有拒收通知", "moved to test/inbox/done, without a refusal"}, system, wasTaken),
		good("GOOD_ANSWERED", Words{"好文件得到答复", "a good file is answered"}, send, Words{"同日期、同序号的答复", "an answer of the same date and sequence"}, system, wasAnswered),
		answer("ANSWER_GENUINE", Words{"答复的清单与签名正确", "manifest and signature of the answer are right"}, Words{"收取答复，验签，核对大小和 SM3", "collected the answer; checked signature, size and SM3"},
			Words{"全部相符", "all agree"}, Words{"请按指南第 5 节生成清单，并核对登记的 SM2 公钥。", "Make manifests as section 5 says, and compare the registered SM2 key."}, answerGenuine),
		answer("ANSWER_LAYOUT", Words{"答复符合版式", "the answer has its layout"}, Words{"按版式逐行读答复：编码、补位、日期、代码、金额、行数、合计", "read the answer by its layout: encoding, padding, dates, codes, amounts, rows, totals"},
			Words{"每一行都正确", "every row is right"}, Words{"请按“所见”的行和列更正。", "Correct the line and column that was found."}, answerReadable),
		answer("ANSWER_COMPLETE", Words{"每一行都有答复", "every row is answered"}, Words{"比较请求和答复的行号", "compared the row numbers of request and answer"},
			Words{"行号一一对应", "the same row numbers"}, Words{"请对每一行都给出结果。", "Give a result for every row."}, answerComplete),
		answer("ANSWER_ECHO", Words{"照抄字段一致", "what is echoed is the same"}, Words{"比较照抄的字段", "compared the echoed field"},
			Words{"逐行相同", "equal row by row"}, Words{"请按原字节照抄。", "Echo bytes as they came."}, answerEchoes),
		answer("ANSWER_RARE", Words{"生僻字可以处理", "rare characters are borne"}, Words{"查看姓名含四字节码和用户自定义区字符的行", "looked at rows whose names have four-byte codes and user-defined characters"},
			Words{"没有因姓名而失败", "none failed for its name"}, Words{"请按 GB 18030-2022 存取姓名，不要转换用户自定义区。", "Keep names by GB 18030-2022, the user-defined areas too."}, answerRare),
		known("no-moves", answer("ANSWER_MOVED", Words{"中心可以移走答复", "the hub can move the answer"}, Words{"把答复移入 test/outbox/done", "moved the answer to test/outbox/done"},
			Words{"已移走", "moved"}, Words{"请允许中心在 outbox 内改名；确实不能的，请告知中心登记 no-moves。", "Let the hub rename in the outbox, or have it declared: no-moves."}, answerMoved)),
		good("GOOD_EMPTY", Words{"没有行的文件有效", "a file without rows is valid"}, Words{"发布一份没有明细行的文件", "published a file without rows"},
			Words{"收取，不拒收", "taken, not refused"}, Words{"请接受行数为 0 的文件。", "Accept files of 0 rows."}, emptyTaken),
		good("GOOD_ROW_TWICE", Words{"逐字重复的行无害", "a row repeated word for word does no harm"}, Words{"发布一份有一行逐字重复的文件", "published a file in which one row stands twice"},
			Words{"收取，不拒收", "taken, not refused"}, Words{"请把逐字重复的相邻行当作一行。", "Take neighbouring equal rows for one."}, twiceTaken),
		good("GOOD_NO_MANIFEST", Words{"没有清单的文件不动", "a file without its manifest is left alone"}, Words{"放入一份没有清单的文件，其间处理其他文件", "put a file there without a manifest, while others were dealt with"},
			Words{"留在 test/inbox，没有答复", "left in test/inbox, without an answer"}, Words{"请只处理清单已出现的文件。", "Deal only with files whose manifest is there."}, bareLeft),
		good("GOOD_REPEATED", Words{"重复送达不重复办理", "what comes again is not acted on again"}, Words{"把办完的文件原样再发一次", "sent a file again that had been dealt with"},
			Words{"移走，不再答复，不拒收", "put away, without another answer or a refusal"}, Words{"请按“文件名 + SM3”判断重复。", "Tell repetitions by name and SM3."}, repeatHarmless),
		good("GOOD_SEQUENCE_REUSED", Words{"同名不同内容被拒收", "another content under a used name is refused"}, Words{"用办过的文件名发另一份内容", "sent another content under a name that had been dealt with"},
			Words{"拒收，原因 FILE_SEQUENCE", "refused with FILE_SEQUENCE"}, Words{"请拒收已用过的名称和序号。", "Refuse names and sequences that were used."}, reuseRefused),
		good("GOOD_RECEIPT", Words{"接受中心的回执", "the hub's receipts are taken"}, Words{"发布一份 RECEIPT 文件", "published a RECEIPT file"},
			Words{"收取，不拒收", "taken, not refused"}, Words{"请接受 RECEIPT 文件并移入 done。", "Take RECEIPT files and move them to done."}, receiptTaken),
		good("NOTICE_COMPLETE", Words{"拒收通知内容完整", "notices of refusals are complete"}, Words{"查看本次收到的拒收通知", "looked at the notices of this test"},
			Words{"name、reason、zh、en 都有", "name, reason, zh and en are there"}, Words{"请按指南第 19 节写拒收通知。", "Write notices as section 19 of the guide says."}, noticesComplete),
	}
}

// good makes a check of what became of the good files.
func good(code string, name, did, want, mend Words, judge func(*bench, *goodFiles) verdict) check {
	return at(Exchange, code, name, did, want, mend, func(b *bench, ctx context.Context) verdict { return judge(b, b.exchanged(ctx)) })
}

// answer makes a check of the first answer.
func answer(code string, name, did, want, mend Words, judge func(*bench, *goodFiles) verdict) check {
	return good(code, name, did, want, mend, func(b *bench, g *goodFiles) verdict {
		switch {
		case b.answerKind() == "":
			return idle("此类文件没有答复", "files of this kind are not answered")
		case g.first.fate != acted:
			return idle("没有得到答复", "there is no answer")
		case g.collected != nil && code != "ANSWER_GENUINE":
			return idle("答复未能收取", "the answer could not be collected")
		case g.read != nil && code != "ANSWER_LAYOUT" && code != "ANSWER_GENUINE" && code != "ANSWER_MOVED":
			return idle("答复未能读出", "the answer could not be read")
		}
		return judge(b, g)
	})
}

func settledWell(err error, good Words) verdict {
	if err != nil {
		return failed(Words{}, err)
	}
	return pass(good.ZH, good.EN)
}

func (b *bench) wasPublished(ctx context.Context) verdict {
	g := b.exchanged(ctx)
	if g.first.problem != nil {
		return settledWell(g.first.problem, Words{})
	}
	return settledWell(g.published, Words{"已送达 " + g.first.name, "published " + g.first.name})
}

// taken judges a file that must be taken.
func taken(x *letter) verdict {
	switch {
	case x.problem != nil:
		return failed(Words{"文件未能送出：", "it could not be sent: "}, x.problem)
	case x.fate == refused:
		reason := noticeValue(x.notice, "reason")
		return fail("被拒收，原因 "+reason, "refused with "+reason)
	case !x.posted || x.fate == waiting:
		return fail("等候期内没有被收取", "not taken within the wait")
	}
	return pass("已收取", "taken")
}

func wasTaken(_ *bench, g *goodFiles) verdict { return taken(g.first) }

func wasAnswered(b *bench, g *goodFiles) verdict {
	if b.answerKind() == "" {
		return idle("此类文件没有答复", "files of this kind are not answered")
	}
	return judged(g.first.fate == acted, Words{"已答复", "answered"}, Words{"等候期内没有答复", "no answer within the wait"})
}

func answerGenuine(_ *bench, g *goodFiles) verdict {
	return settledWell(g.collected, Words{"全部相符", "all agree"})
}

func answerReadable(_ *bench, g *goodFiles) verdict {
	return settledWell(g.read, Words{fmt.Sprintf("%d 行正确", len(g.answered)), fmt.Sprintf("%d rows are right", len(g.answered))})
}

func answerComplete(_ *bench, g *goodFiles) verdict {
	var missing []int
	for _, ref := range slices.Sorted(maps.Keys(g.asked)) {
		if _, there := g.answered[ref]; !there {
			missing = append(missing, ref)
		}
	}
	return judged(len(missing) == 0 && len(g.answered) == len(g.asked), Words{"行号一一对应", "the same row numbers"},
		Words{fmt.Sprintf("缺少的行号 %v，答复共 %d 行", missing, len(g.answered)), fmt.Sprintf("rows missing: %v; the answer has %d", missing, len(g.answered))})
}

// echoed is the field that an answer repeats, and where it stands in request and answer.
func (b *bench) echoed() (name string, asked, answered int) {
	m, _ := layout.MessageOf(b.answerKind())
	for _, name := range []string{"card_no", "number"} {
		asked, answered := fieldOf(b.layout.Message, name), fieldOf(m, name)
		if asked >= 0 && answered >= 0 {
			return name, asked, answered
		}
	}
	return "", -1, -1
}

func fieldOf(m *layout.Message, name string) int {
	return slices.IndexFunc(m.Fields, func(f layout.Field) bool { return f.Name == name })
}

func answerEchoes(b *bench, g *goodFiles) verdict {
	name, asked, answered := b.echoed()
	if name == "" {
		return idle("没有照抄的字段", "nothing is echoed")
	}
	var differ []int
	for ref, fields := range g.answered {
		if request, there := g.asked[ref]; !there || request[asked] != fields[answered] {
			differ = append(differ, ref)
		}
	}
	slices.Sort(differ)
	return judged(len(differ) == 0, Words{name + " 逐行相同", name + " is equal row by row"},
		Words{fmt.Sprintf("%s 不同的行号 %v", name, differ), fmt.Sprintf("%s differs in rows %v", name, differ)})
}

// blamed are the results that blame a row's name or data.
var blamed = []string{"E03", "M03", "02"}

func answerRare(b *bench, g *goodFiles) verdict {
	m, _ := layout.MessageOf(b.answerKind())
	name, result := fieldOf(b.layout.Message, "name"), fieldOf(m, "result")
	if name < 0 || result < 0 {
		return idle("此类文件没有姓名", "there are no names in files of this kind")
	}
	var rare, failed []int
	common := false // whether a row with a common name was done
	for ref, fields := range g.asked {
		row, there := g.answered[ref]
		bad := there && slices.Contains(blamed, row[result])
		switch {
		case !isRare(fields[name]):
			common = common || !bad
		case bad:
			failed = append(failed, ref)
			fallthrough
		default:
			rare = append(rare, ref)
		}
	}
	slices.Sort(failed)
	if len(rare) == 0 || !common {
		return idle("测试数据不足以判断", "the test data do not tell")
	}
	return judged(len(failed) == 0, Words{fmt.Sprintf("%d 行均可处理", len(rare)), fmt.Sprintf("all %d rows are borne", len(rare))},
		Words{fmt.Sprintf("因姓名失败的行号 %v", failed), fmt.Sprintf("rows that failed for their names: %v", failed)})
}

// isRare tells names with characters that old tables lack.
func isRare(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool { return r > 0xFFFF || r >= 0xE000 && r <= 0xF8FF || r == '䶮' })
}

func answerMoved(_ *bench, g *goodFiles) verdict {
	if g.moved != nil || g.stays {
		return fail("答复仍在 test/outbox", "the answer still lies in test/outbox")
	}
	return pass("已移走", "moved")
}

func emptyTaken(_ *bench, g *goodFiles) verdict { return taken(g.empty) }

func twiceTaken(b *bench, g *goodFiles) verdict {
	if !hasFrame(b, g.twice) {
		return idle("对该单位的版式不适用", "cannot be made in this partner's layout")
	}
	return taken(g.twice)
}

func bareLeft(b *bench, g *goodFiles) verdict {
	if b.undeclared() {
		return idle("该单位不用清单", "the partner knows no manifests")
	}
	if g.bare.problem != nil {
		return settledWell(g.bare.problem, Words{})
	}
	return judged(g.bare.fate == waiting, Words{"留在 test/inbox", "left in test/inbox"}, Words{"被取走或拒收", "it was taken or refused"})
}

func repeatHarmless(_ *bench, g *goodFiles) verdict {
	switch {
	case g.again == nil:
		return idle("第一份文件没有办成", "the first file was not dealt with")
	case g.again.problem != nil:
		return settledWell(g.again.problem, Words{})
	case g.stays:
		return idle("答复移不走，无法判断", "the answer cannot be moved, so nobody can say")
	case g.again.fate == refused:
		return fail("被拒收", "it was refused")
	case g.again.fate == acted:
		return fail("又答复了一次", "it was answered again")
	}
	return judged(g.again.fate == gone, Words{"移走，没有再答复", "put away, without another answer"}, Words{"仍在 test/inbox", "it still lies in test/inbox"})
}

func reuseRefused(_ *bench, g *goodFiles) verdict {
	if g.reuse == nil {
		return idle("第一份文件没有办成", "the first file was not dealt with")
	}
	if g.stays {
		return idle("答复移不走，无法判断", "the answer cannot be moved, so nobody can say")
	}
	return judgeRefusal(g.reuse, reasons(card.ReasonFileSequence, card.ReasonFileSequenceRepeated))
}

func receiptTaken(_ *bench, g *goodFiles) verdict { return taken(g.receipt) }

func noticesComplete(b *bench, _ *goodFiles) verdict {
	seen := 0
	for _, x := range b.cases {
		if x == nil || x.fate != refused {
			continue
		}
		seen++
		for _, key := range []string{"name", "reason", "zh", "en"} {
			if noticeValue(x.notice, key) == "" {
				return fail(x.name+".err 缺少 "+key, x.name+".err lacks "+key)
			}
		}
	}
	if seen == 0 {
		return idle("没有收到拒收通知", "there were no notices")
	}
	return pass(fmt.Sprintf("%d 份都完整", seen), fmt.Sprintf("all %d are complete", seen))
}
