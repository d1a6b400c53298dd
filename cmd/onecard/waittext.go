package main

import (
	"fmt"
	"time"

	"onecard/card"
	"onecard/connectors/postgres"
)

// waitText says in Chinese and in English who is waited for, for what and until when.
func waitText(x postgres.Waiting) (zh, en string) {
	until := clock(x.Until)
	switch x.What {
	case postgres.WaitNotice:
		return "正在公示，至 " + until, "public notice until " + until
	case string(card.ReasonCutOff):
		return fmt.Sprintf("%s 今日截止受理，%s 起再发送", x.For, until), fmt.Sprintf("%s takes no more payment files before %s", x.For, until)
	}
	zh = fmt.Sprintf("正在等待 %s 的 %s，截止 %s", x.For, x.What, until)
	if x.Overdue {
		zh += "（已超期，请联系对方）"
	}
	return zh, fmt.Sprintf("waiting for %s: %s until %s", x.For, x.What, until)
}

// waitTable lists what is waited for.
func waitTable(all []postgres.Waiting) table {
	t := table{{"batch 批次", "for 对象", "what 内容", "until 截止"}}
	for _, x := range all {
		until := clock(x.Until)
		if x.Overdue {
			until += " overdue 已超期"
		}
		t = append(t, []string{x.Batch, x.For, whatText(x.What), until})
	}
	return t
}

func whatText(what string) string {
	switch what {
	case postgres.WaitNotice:
		return "public notice 公示"
	case string(card.ReasonCutOff):
		return "CUT_OFF payment file 等银行受理时间"
	}
	return what
}

// argText writes an argument of an event; times are written as everywhere on screens.
func argText(name string, value any) string {
	text := fmt.Sprint(value)
	switch {
	case name == "reason" && text == "":
		return "OK"
	case name != "until":
		return text
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return text
	}
	return clock(t)
}
