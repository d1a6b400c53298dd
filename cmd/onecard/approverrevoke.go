package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"onecard/card"
)

func revokeApproverCommand(s *settings) *cobra.Command {
	var role, why, by string
	cmd := &cobra.Command{
		Use:   "revoke NAME --role checker|releaser|finance --reason TEXT --as WHO",
		Short: "Take an approver's key out of use that was lost or stolen (吊销审批密钥)",
		Long: `Take an approver's key out of use that was lost or stolen. From now on nobody approves with it, and no more money leaves on its
word, whenever it signed; payments that have left stay approved. Rollouts that it has approved stop before their next money file, with
NOT_APPROVED: somebody else in the role approves them, or the same person with a new key, and they are resumed.

吊销遗失或被盗的审批密钥：从现在起不能再用它审批，它此前的审批也不再放行尚未发出的款项；已发出的款项不受影响。它审批过的计划会在
下一份发放文件前停止（NOT_APPROVED），由同角色的其他人或本人用新密钥补批后继续。`,
		Example: `  onecard approver revoke checker1 --role checker --reason "the key was lost" --as security1`,
		Args:    cobra.ExactArgs(1),
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			open, err := h.ledger.RevokeApprover(cmd.Context(), args[0], card.Role(role), by, why)
			if err != nil {
				return err
			}
			return printRevoked(cmd.OutOrStdout(), args[0], card.Role(role), open)
		}),
	}
	cmd.Flags().StringVar(&role, "role", "", "checker, releaser or finance")
	cmd.Flags().StringVar(&why, "reason", "", "why, for the audit chain")
	cmd.Flags().StringVar(&by, "as", "", "who revokes it")
	require(cmd, "role", "reason", "as")
	return cmd
}

// printRevoked says which rollouts have to be approved again.
func printRevoked(w io.Writer, name string, role card.Role, open []card.RolloutID) error {
	_, err := fmt.Fprintf(w, "the key of %s as %s is revoked (%s 的%s密钥已吊销)\n", name, role, name, roleZH(role))
	for _, id := range open {
		_, err = fmt.Fprintf(w, "  %s has to be approved again as %s before more of it is paid (须补批后才能继续发放)\n", id, role)
	}
	return err
}
