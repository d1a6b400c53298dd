package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"onecard/card"
	"onecard/connectors/postgres"
	"onecard/worker"
	"onecard/workflows"
)

// decideWithin is how long a decision may take to take hold. Submission, the slowest, hashes some 200,000 rows a second.
const decideWithin = 2 * time.Minute

// decisionCommands are the commands by which people decide about a rollout.
func decisionCommands(s *settings) []*cobra.Command {
	var commands []*cobra.Command
	for _, d := range []struct{ update, short string }{
		{workflows.UpdateSubmit, "Close the content and hand it in for approval (提交)"},
		{workflows.UpdateApprove, "Approve exactly the submitted content; never by who made or submitted it (审批)"},
		{workflows.UpdateStart, "Start an approved rollout (启动)"},
		{workflows.UpdatePause, "Hold every batch before its next step (暂停)"},
		{workflows.UpdateResume, "Go on after a pause or a stop (继续)"},
		{workflows.UpdateCancel, "End the rollout; every row is left explained (取消)"},
	} {
		var by, note string
		var role card.Role
		var key string
		cmd := &cobra.Command{
			Use:     d.update + " ID",
			Short:   d.short,
			Example: fmt.Sprintf("  onecard rollout %s R20261121-001 --as manager1", d.update),
			Args:    oneID,
			RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
				decision := card.Decision{By: by, Note: note, Role: role}
				if role != "" {
					if err := h.sign(cmd.Context(), card.RolloutID(args[0]), &decision, cmp.Or(key, s.approverKey(by, role))); err != nil {
						return err
					}
				}
				status, err := h.decide(cmd.Context(), card.RolloutID(args[0]), d.update, decision)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is %s (%s)\n", args[0], status, statusZH(status))
				return err
			}),
		}
		cmd.Flags().StringVar(&by, "as", "operator", "who decides")
		cmd.Flags().StringVar(&note, "reason", "", "why, for the timeline")
		if d.update == workflows.UpdateApprove {
			cmd.Example += "\n  onecard rollout approve R20261121-002 --as zhang3 --role checker      money: signed with the approver's own key"
			cmd.Flags().StringVar((*string)(&role), "role", "", "of money: checker, releaser or finance")
			cmd.Flags().StringVar(&key, "key", "", "of money: the approver's key; DIR/approvers/NAME-ROLE.pem when empty")
		}
		commands = append(commands, cmd)
	}
	return commands
}

// sign signs an approval of money with the approver's key: of the content as it was submitted.
func (h *hub) sign(ctx context.Context, id card.RolloutID, d *card.Decision, key string) error {
	v, err := h.ledger.Show(ctx, id, false)
	if err != nil {
		return err
	}
	hash, err := hex.DecodeString(v.ContentHash)
	if err != nil {
		return fmt.Errorf("read the content's hash: %w", err)
	}
	d.Signature, err = signApproval(key, id, d.Role, hash)
	return err
}

func oneID(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%w: give the ID of one rollout, such as R20261121-001", errUse)
	}
	if !card.RolloutID(args[0]).Valid() {
		return fmt.Errorf("%w: %q is no ID of a rollout, such as R20261121-001", errUse, args[0])
	}
	return nil
}

// startWorkflow starts the rollout's workflow where the ledger says that the rollout stands. One that runs is left alone.
func (h *hub) startWorkflow(ctx context.Context, id card.RolloutID) error {
	c, err := h.temporal(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	p, err := h.process(ctx, id)
	if err != nil {
		return err
	}
	_, err = c.ExecuteWorkflow(ctx, p.options, p.workflow, p.input)
	return err
}

// process is the workflow of a rollout and how it is started where the ledger says that the rollout stands.
type process struct {
	options         client.StartWorkflowOptions
	workflow, input any
}

func (h *hub) process(ctx context.Context, id card.RolloutID) (process, error) {
	v, err := h.ledger.Show(ctx, id, false)
	if err == nil && v.Status.Ended() {
		err = card.E(card.Conflict, fmt.Sprintf("rollout %s is %s", id, v.Status), card.ReasonWrongState, nil)
	}
	p := process{client.StartWorkflowOptions{
		ID: workflows.IssuanceWorkflowID(id), TaskQueue: worker.TaskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		TypedSearchAttributes:    temporal.NewSearchAttributes(workflows.SearchRollout.ValueSet(string(id))),
	}, workflows.Issuance, workflows.IssuanceInput{Rollout: id, Status: v.Status}}
	if v.Kind == postgres.KindSubsidy {
		p.options.ID = workflows.SubsidyWorkflowID(id)
		p.workflow, p.input = workflows.Subsidy, workflows.SubsidyInput{Rollout: id, Status: v.Status}
	}
	return p, err
}

// decide hands a decision to the rollout's workflow and waits until it has taken hold. When Temporal does not know the
// rollout, because it was created while Temporal was down or because Temporal's data was lost, its workflow is started
// where the ledger says that it stands.
func (h *hub) decide(ctx context.Context, id card.RolloutID, update string, d card.Decision) (card.RolloutStatus, error) {
	if update != workflows.UpdatePause && update != workflows.UpdateCancel {
		if err := h.admitted(ctx, id); err != nil {
			return "", err
		}
	}
	p, err := h.process(ctx, id)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, decideWithin, card.E(card.Unavailable, "wait until the decision has taken hold", card.ReasonDecisionPending, nil))
	defer cancel()
	status, err := h.update(ctx, p, update, d)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = context.Cause(ctx)
	}
	return status, err
}

func (h *hub) update(ctx context.Context, p process, update string, d card.Decision) (card.RolloutStatus, error) {
	c, err := h.temporal(ctx)
	if err != nil {
		return "", err
	}
	defer c.Close()
	handle, err := c.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: c.NewWithStartWorkflowOperation(p.options, p.workflow, p.input),
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateName: update, Args: []any{d}, WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err != nil {
		return "", err
	}
	var status card.RolloutStatus
	err = handle.Get(ctx, &status)
	return status, err
}
