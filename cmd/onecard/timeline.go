package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/postgres"
)

func timelineCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "timeline ID",
		Short: "Tell what happened to a rollout: when, who, which file, what is waited for",
		Example: `  onecard rollout timeline R20261121-001
  onecard rollout timeline R20261121-001 -o json`,
		Args: oneID,
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			id := card.RolloutID(args[0])
			events, err := h.ledger.Timeline(cmd.Context(), id)
			if err != nil {
				return err
			}
			if s.json() {
				return writeJSON(cmd.OutOrStdout(), events)
			}
			v, err := h.ledger.Show(cmd.Context(), id, false)
			if err != nil {
				return err
			}
			return printTimeline(cmd.OutOrStdout(), events, v)
		}),
	}
	formatFlag(cmd, s)
	return cmd
}

// printTimeline writes one line an event in Chinese, and below it the same in English; then what is waited for.
func printTimeline(w io.Writer, events []postgres.Event, v postgres.View) error {
	kept, more := foldEvents(events)
	for i, e := range kept {
		zh, en := tell(e)
		who := e.Who
		if who == "" {
			who = "hub"
		}
		if _, err := fmt.Fprintf(w, "%s  %-10s %s%s\n%33s%s\n", clock(e.At), who, batchLabel(e.Batch), zh, "", en); err != nil {
			return err
		}
		if more[i] > 0 {
			if _, err := fmt.Fprintf(w, "%33s… 另有 %d 行同样的事，见 -o json；%d more rows alike: -o json has them\n", "", more[i], more[i]); err != nil {
				return err
			}
		}
	}
	for _, x := range v.Waiting {
		zh, en := waitText(x)
		if _, err := fmt.Fprintf(w, "%s\n%33s%s\n", zh, "", en); err != nil {
			return err
		}
	}
	return nil
}

func batchLabel(batch string) string {
	if batch == "" {
		return ""
	}
	return "[" + strings.SplitN(batch, "/", 2)[1] + "] "
}

// words are the two languages of an event; {name} stands for an argument of the event.
var words = map[string][2]string{
	postgres.EventCreated:          {"创建发放计划“{name}”，名册已受理", "the rollout “{name}” was created, its roster taken in"},
	postgres.EventSubmitted:        {"提交审批，内容已锁定", "submitted for approval, the content is closed"},
	postgres.EventApproved:         {"审批通过", "approved"},
	postgres.EventStarted:          {"启动", "started"},
	postgres.EventPaused:           {"暂停", "paused"},
	postgres.EventResumed:          {"继续", "resumed"},
	postgres.EventStopped:          {"自动停止，原因 {note}", "stopped by itself, because of {note}"},
	postgres.EventCancelled:        {"取消", "cancelled"},
	postgres.EventDone:             {"全部完成", "everything is done"},
	postgres.EventFrozen:           {"批次冻结，原因 {reason}", "the batch was frozen because of {reason}"},
	postgres.EventFileSent:         {"文件 {file} 已送达并核对，{rows} 行", "the file {file} was delivered and read back, {rows} rows"},
	postgres.EventFileProcessed:    {"收到文件 {file}，{rows} 行，已入账", "the file {file} came, {rows} rows, and was applied"},
	postgres.EventFileRefused:      {"文件 {file} 整份退回，原因 {reason}，等待对方重发", "the file {file} was refused whole because of {reason}; a better one is waited for"},
	postgres.EventNumbers:          {"分配卡号 {rows} 个", "{rows} card numbers were given out"},
	postgres.EventStocked:          {"成品卡入库 {rows} 张，数量相符", "{rows} finished cards were received, the count agrees"},
	postgres.EventActivated:        {"启用社保功能 {rows} 张", "the social function of {rows} cards was activated"},
	postgres.EventRemake:           {"制卡失败的转入重制批次 {number}，{rows} 张", "{rows} cards that failed go to the remake batch {number}"},
	postgres.EventBatchDone:        {"批次完成", "the batch is done"},
	postgres.EventBatchCancelled:   {"批次已撤销", "the batch was withdrawn"},
	postgres.EventCanaryPassed:     {"首批试点通过:{rows} 行中 {bad} 行未成功", "the canary passed: {bad} of {rows} rows went wrong"},
	postgres.EventCanaryFailed:     {"首批试点未通过:{rows} 行中 {bad} 行未成功", "the canary failed: {bad} of {rows} rows went wrong"},
	postgres.EventFileRefusedThere: {"对方退回了文件 {file}，原因 {reason}", "the partner refused the file {file} because of {reason}"},
	postgres.EventFileHeld:         {"文件 {file} 被人工隔离", "the file {file} was held back by a person"},
	postgres.EventFileReleased:     {"文件 {file} 经两人同意放行", "the file {file} was released by two people"},
	postgres.EventFileWithdrawn:    {"文件 {file} 已从对方收件箱撤回", "the file {file} was taken back from the partner's inbox"},
	postgres.EventRowsRefused:      {"文件 {file} 中 {rows} 行有误、未予采用，首个原因 {reason}", "{rows} rows of the file {file} are wrong and were not applied, the first because of {reason}"},
	postgres.EventRowsLeftOut:      {"文件 {file} 放不下 {rows} 行，未发送，首个原因 {reason}", "the file {file} could not carry {rows} rows, which were not sent, the first because of {reason}"},
	postgres.EventFileReissued:     {"文件 {file} 已重新发出", "the file {file} was issued anew"},
	postgres.EventFileRejoined:     {"人工送达的文件 {file} 已并入流程", "the file {file}, delivered by hand, has joined the process"},
	postgres.EventFileDelivered:    {"文件 {file} 已由人工送达对方", "the file {file} was brought to its partner by hand"},
	postgres.EventNotice:           {"开始公示 {days} 天，至 {until}", "public notice of {days} days began, until {until}"},
	postgres.EventNoticeOver:       {"公示期满，可以启动", "the public notice is over; the rollout may be started"},
	postgres.EventCutOff:           {"{partner} 今日受理时间已过，发放文件等到 {until}", "{partner} takes no more payment files; the file waits until {until}"},
	postgres.EventRehearsed:        {"演练（{result}，故障文件 {faults}）：退票 {returned} 笔，未知 {unknown} 笔，拒绝 {refused} 笔，重复入账 {twice} 笔", "rehearsed ({result}, faults {faults}): {returned} returned, {unknown} unknown, {refused} refused, {twice} credited twice"},
	postgres.EventRowHeld:          {"第 {row} 行暂缓发放({reason})，经办 {by}", "row {row} is held ({reason}) by {by}"},
	postgres.EventRowLifted:        {"第 {row} 行解除暂缓，经办 {by}", "row {row} may go out again, says {by}"},
	postgres.EventFunds:            {"付款账户指令 {order} 有结果 {reason}", "the order {order} on the payer's account is answered {reason}"},
	postgres.EventPayback:          {"第 {row} 行入账后被退回({reason})，见文件 {file}", "row {row} came back after it was paid ({reason}), says the file {file}"},
	postgres.EventHandedOver:       {"窗口发放卡 {card}，经办 {clerk}", "the card {card} was handed over at a desk by {clerk}"},
}

// tell puts an event into words.
func tell(e postgres.Event) (zh, en string) {
	pair, ok := words[e.What]
	if !ok {
		return e.What, e.What
	}
	var args []string
	for name, value := range e.Args {
		args = append(args, "{"+name+"}", argText(name, value))
	}
	r := strings.NewReplacer(args...)
	zh, en = r.Replace(pair[0]), r.Replace(pair[1])
	if answer, _ := e.Args["answer"].(string); answer != "" {
		until := argText("until", e.Args["until"])
		zh += "，等待回复至 " + until
		en += ", the answer is due by " + until
	}
	return zh, en
}
