// Command partners runs the simulated partners of the hub: banks, a card bureau, civil affairs and the outlets, each behind
// an SFTP server of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	exchange "onecard/connectors/exchange/sim"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program; its result is the exit code: 0 done, 1 failed, 2 wrong use, 3 something was found (ledger --duplicates).
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cmd := command()
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	err := cmd.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if errors.Is(err, errFound) {
		return 3
	}
	_, _ = fmt.Fprintln(stderr, "partners:", err)
	if errors.Is(err, errUse) {
		return 2
	}
	return 1
}

// errUse marks a command line that cannot be meant.
var errUse = errors.New("wrong use, see --help")

const long = `Run the simulated partners of the hub, each behind an SFTP server on a loopback port of its own.

When all of them are ready, their addresses and keys stand in DIR/partners.json. A partner keeps everything in DIR/NAME:
what the hub sees in root/, its ledger in ledger.csv, its keys and its port. SIGTERM ends the program cleanly; after SIGKILL
the next run finishes what was begun, and nothing is done twice.

A profile gives a partner a server with the habits of a real one; partners.json says what the hub must be told of it:

%s
A visitor has no use for its server: it logs in to the hub's gateway with a key of its own, which partners.json tells.

A partner speaks the standard layouts of the file guide, but for the kinds of which --layout names a declaration in TOML (see
docs/partner-layouts.md): text of any delimiter or of fixed widths, in GB18030, GBK or UTF-8, both ways. Workbooks no partner speaks.

A rules file makes partners misbehave; it is read again whenever it changes:

  [[rule]]
  partner = "ICBC"      # or "*"
  kind = "ACCTREQ"      # the request, or "*"; for drop the file to cut, also RECEIPT
  do = "refuse"         # accept refuse omit lose duplicate reorder delay truncate resend silent drop;
                        # of payments also misstate stray payback
  code = "E01"          # refuse and payback only
  share = 0.01          # of the rows, or of the files for delay, truncate, resend, reorder and silent
  # after = "5s"        # delay, payback; the pause of truncate
  # rows = 2            # so many rows of each file, from its beginning
  # times = 1           # for so many files only; cuts of truncate and drop
  # bytes = 65536       # drop: so much of the file passes first

  [[partner]]           # read at the start only; --profile goes before it
  name = "ICBC"         # or "*" for those that are not named
  profile = "read-once"

  [[account]]           # read at the start only: an account from which subsidies are paid; without any, a bank has one with
  partner = "ICBC"      # ten thousand million yuan, whose number partners.json tells as payer_accounts
  account = "102880000000000001"
  fen = 1000000000000   # before the first order

Rules are tried in their order, and several can hit one row. Codes: banks E01 E02 E03 E04 E09 (ACCTREQ), A01 A09 (ACTREQ) and
90 (ACCTENQ), BUREAU M01 M02 M03 M09, CIVIL 01 02 03, OUTLET R (returned); banks about money: F01 F02 F03 F09 (FUNDREQ), Q01
Q02 Q09, or S0 S1 S2 S3 S9 for that status (ACCTQRY), and of a payment (PAYREQ) NAME_MISMATCH ID_EXPIRED ACCT_NOT_FOUND
ACCT_CLOSED ACCT_FROZEN ACCT_DORMANT TYPE_LIMIT NOT_ACTIVATED DUPLICATE AMOUNT_ERR; with BANK_TIMEOUT (PAYREQ, PAYENQ) the bank
does not say that it has paid.

An omitted row is acted upon all the same, and so is what a silent partner receives: its ledger says so. A lost row is as if it
had never come. misstate answers with one fen too much, stray adds a row that nobody asked about, and payback pays and tells
in a PAYBACK, after that time, that the money has come back; two such rules of one code tell it twice.

A bank pays an instruction once, out of what FUNDREQ has blocked for the rollout that the instruction begins with; rows beyond
that come back with AMOUNT_ERR. Money lines in its ledger are paid, pay_refused, returned, blocked, released, fund_refused,
with the amount as fen=N.`

// describeProfiles lists the profiles, one a line.
func describeProfiles() string {
	var b strings.Builder
	for _, p := range exchange.Profiles() {
		fmt.Fprintf(&b, "  %-17s %s\n", p.Name, p.About)
	}
	return b.String()
}

func command() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "partners --dir DIR --partners NAMES --hub-key FILE --hub-sign-key FILE",
		Short: "Run the simulated partners of the hub",
		Long:  fmt.Sprintf(long, describeProfiles()),
		Example: `  partners --dir var/partners --partners ICBC,ABC,CCB,BUREAU,CIVIL,OUTLET \
      --hub-key var/keys/ssh.pub --hub-sign-key var/keys/sign.pub --rules rules.toml
  partners --dir var/partners --partners ICBC,ABC --profile ICBC=read-once,ABC=upper-case \
      --hub-key var/keys/ssh.pub --hub-sign-key var/keys/sign.pub
  partners --dir var/partners --partners ICBC,ABC --visitors ICBC --gateway 127.0.0.1:2222 --gateway-key var/keys/gateway.pub \
      --hub-key var/keys/ssh.pub --hub-sign-key var/keys/sign.pub
  partners --dir var/partners --partners ICBC --layout ICBC=payreq.toml --layout ICBC=payret.toml \
      --hub-key var/keys/ssh.pub --hub-sign-key var/keys/sign.pub
  partners ledger ICBC --dir var/partners --event paid --duplicates
  partners paid --dir var/partners
  partners register --dir var/partners --number 440600199001010015 --fate deceased

Exit codes: 0 done, 1 failed, 2 wrong use, 3 duplicates found.`,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serve(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return fmt.Errorf("%w: %w", errUse, err) })
	flags := cmd.Flags()
	flags.StringVar(&o.dir, "dir", "", "folder that holds everything of the partners")
	flags.StringSliceVar(&o.partners, "partners", nil, "bank identifiers, BUREAU, CIVIL, OUTLET; separated by commas")
	flags.StringVar(&o.rules, "rules", "", "rules file (TOML)")
	flags.StringVar(&o.hubKey, "hub-key", "", "the hub's SSH public keys (authorized_keys form)")
	flags.StringVar(&o.signKey, "hub-sign-key", "", "the hub's SM2 public key (hex of the point, or PEM)")
	flags.StringToStringVar(&o.profiles, "profile", nil, "NAME=PROFILE, or *=PROFILE for those that are not named; separated by commas")
	flags.StringArrayVar(&o.layouts, "layout", nil, "NAME=FILE, the declaration of a layout that a partner has of its own; repeatable")
	flags.StringSliceVar(&o.visitors, "visitors", nil, "of --partners, those that log in to the hub's gateway instead of being called on")
	flags.StringVar(&o.gateway, "gateway", "", "host:port of the hub's gateway, for --visitors")
	flags.StringVar(&o.gatewayKey, "gateway-key", "", "file with the host key of the hub's gateway, as one line")
	flags.StringVar(&o.user, "user", "onecard", "the hub's account at every partner")
	cmd.AddCommand(ledgerCommand(), paidCommand(), rulesCommand(), registerCommand(), depositCommand())
	return cmd
}
