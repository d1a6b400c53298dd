package main

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/spf13/cobra"

	"onecard/card"
	"onecard/connectors/postgres"
)

// approverName keeps names apart from paths.
var approverName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$`)

func approverCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "approver",
		Short: "Who may approve money, in which role (审批人)",
		Example: `  onecard approver add checker1 --role checker --as security1
  onecard approver revoke checker1 --role checker --reason "the key was lost" --as security1
  onecard approver list`,
	}
	cmd.AddCommand(addApproverCommand(s), revokeApproverCommand(s), listApproversCommand(s))
	return cmd
}

func addApproverCommand(s *settings) *cobra.Command {
	var role, by, file string
	cmd := &cobra.Command{
		Use:   "add NAME --role checker|releaser|finance --as WHO",
		Short: "Let somebody approve money in a role; makes the key with which he or she signs (登记审批人)",
		Long: `Let somebody approve money in a role. An SM2 key pair is made in the file of --key, readable by its owner alone, and its public
half is registered; a key that lies there already is registered as it is. Approvals count only when this key has signed them, so
hand the file over to the person and keep no copy. Nobody appoints himself or herself. A new key replaces the one before: what that
one has approved stays approved. A key that was lost or stolen is revoked first.

登记审批人：密钥写入 --key 指定的文件（权限 0600），公钥登记入台账。密钥文件交本人保管，不留副本；任何人不能登记自己。再次登记即换钥，此前的
审批仍然有效；密钥遗失或被盗的，先吊销（revoke）。`,
		Example: `  onecard approver add checker1 --role checker --as security1
  onecard approver add finance1 --role finance --key /media/usb/finance1.pem --as security1`,
		Args: cobra.ExactArgs(1),
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			a := postgres.Approver{Name: args[0], Role: card.Role(role), AddedBy: by}
			if err := checkApprover(a); err != nil {
				return err
			}
			if file == "" {
				file = s.approverKey(a.Name, a.Role)
			}
			var err error
			if a.PublicKey, err = makeApproverKey(file); err != nil {
				return err
			}
			if err := h.ledger.AddApprover(cmd.Context(), a); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s may approve as %s (%s); key: %s\n", a.Name, a.Role, roleZH(a.Role), file)
			return err
		}),
	}
	cmd.Flags().StringVar(&role, "role", "", "checker, releaser or finance")
	cmd.Flags().StringVar(&file, "key", "", "file of the private key; DIR/approvers/NAME-ROLE.pem when empty")
	cmd.Flags().StringVar(&by, "as", "", "who registers the approver")
	require(cmd, "role", "as")
	return cmd
}

// checkApprover refuses what the ledger would refuse, before a key is made.
func checkApprover(a postgres.Approver) error {
	switch {
	case !approverName.MatchString(a.Name):
		return fmt.Errorf("%w: the name of an approver is 1 to 64 letters, digits, dots and hyphens", errUse)
	case !slices.Contains(card.Roles(), a.Role):
		return fmt.Errorf("%w: --role is checker, releaser or finance", errUse)
	case a.Name == a.AddedBy:
		return card.E(card.Denied, "add an approver", card.ReasonSamePerson, nil)
	}
	return nil
}

func listApproversCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List who may approve money", Example: "  onecard approver list", Args: cobra.NoArgs,
		RunE: s.withHub(func(cmd *cobra.Command, _ []string, h *hub) error {
			all, err := h.ledger.Approvers(cmd.Context())
			if err != nil {
				return err
			}
			if s.json() {
				return writeJSON(cmd.OutOrStdout(), all)
			}
			t := table{{"role 角色", "name 姓名", "registered by 登记人"}}
			for _, a := range all {
				t = append(t, []string{string(a.Role) + " " + roleZH(a.Role), a.Name, a.AddedBy})
			}
			return t.write(cmd.OutOrStdout())
		}),
	}
	formatFlag(cmd, s)
	return cmd
}

func roleZH(r card.Role) string {
	return map[card.Role]string{card.RoleMaker: "经办", card.RoleChecker: "复核", card.RoleReleaser: "签发", card.RoleFinance: "财务"}[r]
}
