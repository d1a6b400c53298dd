package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"

	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/exchange"
	"onecard/connectors/layout"
)

// newcomer is what the command line says of a partner that is added.
type newcomer struct {
	partner       config.Partner
	kind          string
	from          string // a file with the partner's [[partner]], instead of the flags
	hostKeyFile   string
	fingerprint   string
	loginKeyFiles []string
	expect        []string
	newKey        bool
}

func partnerAddCommand(s *settings) *cobra.Command {
	n := &newcomer{partner: config.DefaultPartner()}
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a partner, not live yet, and print what to send to it (登记合作单位)",
		Long: `Add a partner: everything is checked, and a file of its own is written in the folder partners.d beside the settings, which stay
as they are. NAME is the partner's in file names; a bank's is its identifier, such as CCB. It takes no part in rollouts before it has
gone live: test, go-live, approve. Folders are inbox, outbox and a done in each, and the same in test.

The host key comes from --host-key-file, or is scanned; a scanned key is accepted only with --host-key-fingerprint, which the partner
has told you by another way. A partner without a server logs in to us with the key of --login-key-file. With --from the partner is
taken from a file with one [[partner]], as in deploy/onecard.toml, and kept as it is, comments too. A running worker and the
gateway take it up by themselves within seconds.

登记后状态为“接入中”，不参加发放；运行中的 worker 和网关数秒内自行接上，无需重启；测试全绿并经两个人确认后上线。扫描到的主机公钥须用 --host-key-fingerprint 确认。`,
		Example: `  onecard partner add CCB --kind bank --bank 105 --address sftp.ccb.example:22 --user onecard --host-key-file ccb.pub --verify-key-file ccb.sm2
  onecard partner add CCB --kind bank --bank 105 --address sftp.ccb.example:22 --user onecard --host-key-fingerprint SHA256:… --verify-key-file ccb.sm2 --new-key
  onecard partner add RCC --kind bank --bank 402 --login-key-file rcc.pub --verify-key-file rcc.sm2 --layout ours.toml
  onecard partner add CCB --from ccb.toml`,
		Args: named("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.partner.Name, n.partner.Kind = args[0], config.Kind(n.kind)
			return n.add(cmd.Context(), s.configFile(), cmd.OutOrStdout())
		},
	}
	n.flags(cmd)
	return cmd
}

func (n *newcomer) flags(cmd *cobra.Command) {
	p, f := &n.partner, cmd.Flags()
	f.StringVar(&n.from, "from", "", "file with the partner's [[partner]], instead of the flags below")
	f.StringVar(&n.kind, "kind", "bank", "bank, bureau, civil or outlet")
	f.StringVar(&p.Bank, "bank", "", "of a bank: its prefix, such as 105")
	f.StringVar(&p.PayerAccount, "payer-account", "", "of a bank: our account there out of which subsidies are paid")
	f.StringVar(&p.Address, "address", "", "host:port of its SFTP server")
	f.StringVar(&p.User, "user", "", "our account there")
	f.StringVar(&n.hostKeyFile, "host-key-file", "", "file with the server's public key; without it the server is asked")
	f.StringVar(&n.fingerprint, "host-key-fingerprint", "", "SHA256:… of the server's key, as the partner told it; confirms what was scanned")
	f.StringSliceVar(&n.loginKeyFiles, "login-key-file", nil, "of a partner that logs in to us: file with its SSH public key")
	f.StringVar(&p.VerifyKey, "verify-key-file", "", "file with its SM2 public key, 130 hex digits, for manifests")
	f.StringSliceVar(&p.Layouts, "layout", nil, "a layout of its own: a .toml file, or the name of one that ships")
	f.StringVar(&p.Server.Manifests, "manifests", "", `"none" when it knows no manifests`)
	f.DurationVar(&p.Server.Stillness, "stillness", 0, "without manifests: how long a file must not change")
	f.IntVar(&p.Server.Packet, "packet", 0, "bytes of one read or write; 0 for 32768")
	f.BoolVar(&p.Server.ReadOnce, "read-once", false, "a file can be read once only")
	f.BoolVar(&p.Server.LooseNames, "loose-names", false, "names come in capitals, or with spaces at their ends")
	f.BoolVar(&p.Server.OneAtATime, "one-at-a-time", false, "one connection with one open file")
	f.StringSliceVar(&p.Server.Known, "known", nil, "harmless habits of its server, such as mtime or slow-listing")
	f.StringArrayVar(&n.expect, "expect", nil, `a file that it sends by itself: "KIND DAYS CUT-OFF GRACE", such as "REPORT working 17:00 30m"`)
	f.IntVar(&p.Concurrency, "concurrency", p.Concurrency, "files under way at once")
	f.DurationVar(&p.Poll, "poll", p.Poll, "between looks for an answer")
	f.DurationVar(&p.AnswerWithin, "answer-within", p.AnswerWithin, "after which its silence is raised")
	f.DurationVar(&p.SilentAfter, "silent-after", 0, "working time without a file or a login, after which that is raised")
	f.StringVar(&p.Contact, "contact", "", "whom to call")
	f.BoolVar(&n.newKey, "new-key", false, "make an SSH key of our own for this partner")
}

func (n *newcomer) add(ctx context.Context, settingsFile string, w io.Writer) error {
	c, err := config.Load(settingsFile)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(c.Partners, func(p config.Partner) bool { return p.Name == n.partner.Name }) {
		return card.E(card.Conflict, "add partner "+n.partner.Name, card.ReasonPartnerExists, nil)
	}
	file := config.AddedFile(settingsFile, n.partner.Name)
	text, err := n.text(ctx, filepath.Dir(file), w)
	if err != nil {
		return err
	}
	if c, err = c.With(file, text); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("add partner %s: %w", n.partner.Name, err)
	}
	p := c.Partners[len(c.Partners)-1]
	if err := n.makeKey(c, p); err != nil {
		return err
	}
	if err := checkNewcomer(c, p); err != nil {
		return err
	}
	if err := writeFile(file, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
		return err
	}
	return tellNewcomer(w, c, p)
}

// checkNewcomer opens the layouts and reads the keys, before anything rests on them.
func checkNewcomer(c config.Config, p config.Partner) error {
	if _, err := layout.OpenSet(p.Layouts...); err != nil {
		return fmt.Errorf("read the layouts of %s (读取 %s 的文件版式): %w", p.Name, p.Name, err)
	}
	if err := (exchange.Config{Endpoints: []exchange.Endpoint{endpoint(c, p)}}).Check(); err != nil {
		return card.E(card.Invalid, "check partner "+p.Name, "", err)
	}
	return nil
}

// text is the file of the partner.
func (n *newcomer) text(ctx context.Context, dir string, w io.Writer) (string, error) {
	if n.from != "" {
		text, err := os.ReadFile(n.from)
		if err != nil {
			return "", fmt.Errorf("read the partner: %w", err)
		}
		return string(text), nil
	}
	for _, fill := range []func() error{func() error { return n.keys(ctx, w) }, n.files, n.timetable} {
		if err := fill(); err != nil {
			return "", err
		}
	}
	if n.newKey {
		n.partner.KeyFile = filepath.Join(dir, n.partner.Name+".key")
	}
	text, err := toml.Marshal(struct {
		Partners []config.Partner `toml:"partner"`
	}{[]config.Partner{n.partner}})
	return "# 由 onecard partner add 登记；可以编辑，编辑后须重新测试。 Added by onecard partner add; test again after every change.\n" + string(text), err
}

// keys reads the partner's keys: what it signs with, and how each side knows the other at login.
func (n *newcomer) keys(ctx context.Context, w io.Writer) (err error) {
	p := &n.partner
	if p.VerifyKey, err = readLine(p.VerifyKey); err != nil {
		return err
	}
	for _, file := range n.loginKeyFiles {
		key, err := readLine(file)
		if err != nil {
			return err
		}
		p.LoginKeys = append(p.LoginKeys, key)
	}
	if p.LogsIn() || p.Address == "" {
		return nil
	}
	if p.HostKey, err = readLine(n.hostKeyFile); err != nil {
		return err
	}
	if p.HostKey == "" {
		return n.scan(ctx, w)
	}
	return n.confirm(w, "")
}

// readLine reads a file of one line; no file has none.
func readLine(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", file, err)
	}
	return strings.TrimSpace(string(text)), nil
}

// scan asks the server for its key, which counts only when its fingerprint was given.
func (n *newcomer) scan(ctx context.Context, w io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	key, err := exchange.ScanHostKey(ctx, n.partner.Address)
	if err != nil {
		return card.E(card.Unavailable, "ask "+n.partner.Address+" for its host key", card.ReasonPartnerUnreachable, err)
	}
	n.partner.HostKey = key
	return n.confirm(w, "scanned 扫描所得")
}

// confirm holds the host key against the fingerprint that was given; a key that was scanned needs one.
func (n *newcomer) confirm(w io.Writer, scanned string) error {
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(n.partner.HostKey))
	if err != nil {
		return fmt.Errorf("%w: the host key is none (主机公钥无法识别)", errUse)
	}
	shown := ssh.FingerprintSHA256(key)
	_, _ = fmt.Fprintf(w, "host key 主机公钥: %s %s %s\n", key.Type(), shown, scanned)
	switch {
	case n.fingerprint == shown, n.fingerprint == "" && scanned == "":
		return nil
	case n.fingerprint == "":
		return card.E(card.Denied, "accept the host key", card.ReasonHostKeyUnconfirmed, errors.New("give --host-key-fingerprint when the partner has confirmed "+shown))
	}
	return card.E(card.Denied, "accept the host key", card.ReasonHostKeyDiffers, fmt.Errorf("the server's is %s", shown))
}

// files makes the paths of layouts such that they hold from any folder.
func (n *newcomer) files() error {
	for i, name := range n.partner.Layouts {
		if !strings.HasSuffix(name, ".toml") {
			continue
		}
		path, err := filepath.Abs(name)
		if err != nil {
			return fmt.Errorf("find layout %s: %w", name, err)
		}
		n.partner.Layouts[i] = path
	}
	return nil
}

func (n *newcomer) timetable() error {
	for _, line := range n.expect {
		words := strings.Fields(line)
		if len(words) != 4 {
			return fmt.Errorf("%w: --expect \"KIND DAYS CUT-OFF GRACE\"", errUse)
		}
		grace, err := time.ParseDuration(words[3])
		if err != nil {
			return fmt.Errorf("%w: --expect: %w", errUse, err)
		}
		n.partner.Expect = append(n.partner.Expect, config.Expect{Kind: words[0], Days: words[1], CutOff: words[2], Grace: grace})
	}
	return nil
}

// makeKey makes our key for the partner, once.
func (n *newcomer) makeKey(c config.Config, p config.Partner) error {
	if !n.newKey || p.LogsIn() {
		return nil
	}
	if _, err := os.Stat(p.KeyFile); err == nil {
		return nil
	}
	return generateSSH(cmp.Or(p.KeyFile, c.Exchange.SSHKeyFile))
}
