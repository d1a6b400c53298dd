package conformance

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"onecard/connectors/exchange"
)

// knock is what the first attempt to log in showed.
type knock struct {
	reach  error // no connection
	shown  ssh.PublicKey
	pinned ssh.PublicKey
	modern bool // algorithms were agreed on
	login  error
	files  error
}

func doorChecks() []check {
	return []check{
		at(Door, "DOOR_REACHED", Words{"服务器可以连接", "the server can be reached"}, Words{"连接 SFTP 地址", "connected to the SFTP address"},
			Words{"15 秒内建立 TCP 连接", "a TCP connection within 15 s"}, Words{"请核对地址、端口和防火墙白名单。", "Check address, port and the firewall's list."}, (*bench).reached),
		at(Door, "DOOR_ALGORITHMS", Words{"支持现代加密算法", "modern algorithms are offered"}, Words{"只用指南第 2 节的算法握手", "negotiated with the algorithms of section 2 only"},
			Words{"每类至少有一种共同算法", "one in common of each kind"}, Words{"请在服务器启用指南第 2 节列出的算法。", "Enable algorithms that section 2 of the guide lists."}, (*bench).modern),
		at(Door, "DOOR_HOST_KEY", Words{"主机密钥与登记的一致", "the host key is the pinned one"}, Words{"比较服务器出示的主机公钥", "compared the host key that the server shows"},
			Words{"与登记的公钥逐字节相同", "equal to the registered key"}, Words{"请确认主机公钥；若已更换，请经可靠渠道重新登记。", "Confirm the host key; if it was changed, register it anew by a trusted way."}, (*bench).pinnedKey),
		at(Door, "DOOR_KEY_STRENGTH", Words{"主机密钥强度足够", "the host key is strong"}, Words{"查看主机密钥的种类和长度", "looked at the kind and length of the host key"},
			Words{"Ed25519、ECDSA，或 3072 位以上的 RSA", "Ed25519, ECDSA, or RSA from 3,072 bits"}, Words{"请更换更强的主机密钥。", "Use a stronger host key."}, (*bench).strongKey),
		at(Door, "DOOR_LOGIN", Words{"中心的密钥可以登录", "the hub's key logs in"}, Words{"用中心的 SSH 公钥登录", "logged in with the hub's SSH key"},
			Words{"登录成功", "let in"}, Words{"请把中心的公钥加入该账户的 authorized_keys。", "Put the hub's key into the account's authorized_keys."}, (*bench).letIn),
		at(Door, "DOOR_SFTP", Words{"提供 SFTP 子系统", "SFTP is served"}, Words{"登录后启动 sftp 子系统", "asked for the sftp subsystem after the login"},
			Words{"SFTP 第 3 版", "SFTP version 3"}, Words{"请为该账户启用 sftp 子系统。", "Enable the sftp subsystem for the account."}, (*bench).servesFiles),
		barred("DOOR_OLD_ALGORITHMS", Words{"拒绝过时算法", "broken algorithms are refused"}, Words{"只用 SHA-1 密钥交换和 CBC 加密握手", "negotiated with SHA-1 key exchange and CBC ciphers only"},
			Words{"请停用 SHA-1 密钥交换与 CBC 加密。", "Disable SHA-1 key exchange and CBC ciphers."}, oldOnly),
		barred("DOOR_OTHER_KEY", Words{"拒绝陌生密钥", "another key is refused"}, Words{"用一把新造的密钥登录", "logged in with a key made just now"},
			Words{"请只允许登记过的公钥。", "Let in registered keys only."}, strangeKey),
		barred("DOOR_PASSWORD", Words{"拒绝口令登录", "passwords are refused"}, Words{"用口令登录", "logged in with a password"},
			Words{"请关闭口令登录。", "Switch password logins off."}, withPassword),
		barred("DOOR_NO_AUTH", Words{"拒绝匿名登录", "a login without proof is refused"}, Words{"不出示任何凭据登录", "logged in without any proof"},
			Words{"请关闭匿名登录。", "Switch anonymous logins off."}, withNothing),
		barred("DOOR_OTHER_USER", Words{"拒绝陌生账户名", "another account is refused"}, Words{"用不存在的账户名和中心的密钥登录", "logged in to an account that should not exist, with the hub's key"},
			Words{"请让密钥只对登记的账户有效。", "Let the key count for the registered account only."}, strangeUser),
		at(Door, "DOOR_NO_SHELL", Words{"不能执行命令", "no commands are carried out"}, Words{"请求执行一条命令", "asked for a command to be carried out"},
			Words{"拒绝", "refused"}, Words{"请把账户限制为仅 SFTP(如 ForceCommand internal-sftp)。", "Restrict the account to SFTP, such as by ForceCommand internal-sftp."}, (*bench).noShell),
		at(Door, "DOOR_NO_TUNNEL", Words{"不能转发端口", "no connections are passed on"}, Words{"请求转发一条 TCP 连接", "asked for a TCP connection to be passed on"},
			Words{"拒绝", "refused"}, Words{"请关闭该账户的端口转发。", "Switch port forwarding off for the account."}, (*bench).noTunnel),
	}
}

// at makes a check.
func at(g Group, code string, name, did, want, mend Words, run func(*bench, context.Context) verdict) check {
	return check{Result: Result{Code: code, Group: g, Name: name, Did: did, Expected: want, Mend: mend}, run: run}
}

// barred makes the check that a login is refused.
func barred(code string, name, did, mend Words, change func(*ssh.ClientConfig) error) check {
	return at(Door, code, name, did, Words{"拒绝", "refused"}, mend, func(b *bench, ctx context.Context) verdict {
		if v, ok := b.outside(); !ok {
			return v
		}
		cfg, err := exchange.ClientConfig(b.Endpoint)
		if err == nil {
			err = change(cfg)
		}
		if err != nil {
			return fail("无法准备登录", "the login could not be prepared: "+err.Error())
		}
		login, err := b.wire.login(ctx, cfg)
		if err == nil {
			_ = login.Close()
		}
		return judged(err != nil, Words{"已拒绝", "refused"}, Words{"被允许登录", "let in"})
	})
}

// outside tells whether there is a server of the partner's that lets us in, without which no refusal means anything.
func (b *bench) outside() (verdict, bool) {
	switch {
	case b.atHome():
		return idle("合作单位登录中心的网关", "the partner logs in to our gateway"), false
	case b.knock.reach != nil || b.knock.login != nil || !b.knock.modern:
		return idle("未能登录，无法判断", "nobody was let in, so a refusal means nothing"), false
	}
	return verdict{}, true
}

func (b *bench) reached(ctx context.Context) verdict {
	if b.atHome() {
		return idle("合作单位登录中心的网关", "the partner logs in to our gateway")
	}
	b.knockOnce(ctx)
	k := b.knock
	if k.reach != nil || k.login != nil || k.files != nil || !k.modern {
		b.shut = "DOOR"
	}
	if k.reach != nil {
		return fail("连接不上", k.reach.Error())
	}
	return pass("已连接 "+b.Endpoint.Address, "connected to "+b.Endpoint.Address)
}

func (b *bench) knockOnce(ctx context.Context) {
	k := &b.knock
	cfg, err := exchange.ClientConfig(b.Endpoint)
	if err != nil {
		k.reach = err
		return
	}
	if k.pinned, _, _, _, err = ssh.ParseAuthorizedKey([]byte(b.Endpoint.HostKey)); err != nil {
		k.reach = err
		return
	}
	check := cfg.HostKeyCallback
	cfg.HostKeyCallback = func(name string, addr net.Addr, key ssh.PublicKey) error {
		k.shown = key
		return check(name, addr, key)
	}
	login, err := b.wire.login(ctx, cfg)
	var none *net.OpError
	if errors.As(err, &none) && none.Op == "dial" {
		k.reach = err
		return
	}
	k.modern = k.shown != nil
	if k.login = err; err != nil {
		return
	}
	defer login.Close() //nolint:errcheck // nothing was done on it
	files, err := sftp.NewClient(login)
	if k.files = err; err == nil {
		_ = files.Close()
	}
}

func (b *bench) modern(context.Context) verdict {
	if b.atHome() || b.knock.reach != nil {
		return idle("未连接到合作单位的服务器", "there is no connection to a server of the partner's")
	}
	return judged(b.knock.modern, Words{"已协商成功", "agreed"}, Words{"没有共同的算法：" + text(b.knock.login), "none in common: " + text(b.knock.login)})
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func (b *bench) pinnedKey(context.Context) verdict {
	if b.atHome() || b.knock.shown == nil {
		return idle("服务器未出示主机公钥", "the server has shown no host key")
	}
	shown := ssh.FingerprintSHA256(b.knock.shown)
	return judged(string(b.knock.shown.Marshal()) == string(b.knock.pinned.Marshal()), Words{shown, shown},
		Words{"出示的是 " + shown, "it shows " + shown})
}

func (b *bench) strongKey(context.Context) verdict {
	if b.atHome() || b.knock.shown == nil {
		return idle("服务器未出示主机公钥", "the server has shown no host key")
	}
	kind, bits := b.knock.shown.Type(), rsaBits(b.knock.shown)
	found := Words{kind, kind}
	if bits > 0 {
		found = Words{fmt.Sprintf("%s %d 位", kind, bits), fmt.Sprintf("%s of %d bits", kind, bits)}
	}
	return judged(kind != "ssh-dss" && (bits == 0 || bits >= 3072), found, found)
}

// rsaBits is the length of an RSA key, and 0 of others.
func rsaBits(key ssh.PublicKey) int {
	if key.Type() != ssh.KeyAlgoRSA {
		return 0
	}
	var wire struct {
		Kind string
		E, N []byte
	}
	if err := ssh.Unmarshal(key.Marshal(), &wire); err != nil {
		return 1
	}
	return 8 * len(strings.TrimLeft(string(wire.N), "\x00"))
}

func (b *bench) letIn(context.Context) verdict {
	if b.atHome() || !b.knock.modern || string(b.knock.shown.Marshal()) != string(b.knock.pinned.Marshal()) {
		return idle("未进行到登录", "it did not come to a login")
	}
	return judged(b.knock.login == nil, Words{"登录成功", "let in"}, Words{"登录被拒绝", "refused: " + text(b.knock.login)})
}

func (b *bench) servesFiles(context.Context) verdict {
	if v, ok := b.outside(); !ok {
		return v
	}
	return judged(b.knock.files == nil, Words{"已启动", "started"}, Words{"未能启动", "not started: " + text(b.knock.files)})
}

func oldOnly(c *ssh.ClientConfig) error {
	c.Ciphers = []string{ssh.InsecureCipherAES128CBC, ssh.InsecureCipherTripleDESCBC}
	c.KeyExchanges = []string{ssh.InsecureKeyExchangeDH1SHA1, ssh.InsecureKeyExchangeDH14SHA1}
	return nil
}

func strangeKey(c *ssh.ClientConfig) error {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	signer, err := ssh.NewSignerFromKey(key)
	c.Auth = []ssh.AuthMethod{ssh.PublicKeys(signer)}
	return err
}

func withPassword(c *ssh.ClientConfig) error {
	c.Auth = []ssh.AuthMethod{ssh.Password(rand.Text())}
	return nil
}

func withNothing(c *ssh.ClientConfig) error {
	c.Auth = nil
	return nil
}

func strangeUser(c *ssh.ClientConfig) error {
	c.User = "nobody-" + strings.ToLower(rand.Text()[:8])
	return nil
}

// inside logs in as the hub does and asks for something else than files.
func (b *bench) inside(ctx context.Context, ask func(*ssh.Client) error) verdict {
	if v, ok := b.outside(); !ok {
		return v
	}
	cfg, err := exchange.ClientConfig(b.Endpoint)
	if err != nil {
		return fail("无法登录", err.Error())
	}
	login, err := b.wire.login(ctx, cfg)
	if err != nil {
		return fail("无法登录", err.Error())
	}
	defer login.Close() //nolint:errcheck // nothing was done on it
	return judged(ask(login) != nil, Words{"已拒绝", "refused"}, Words{"被允许", "granted"})
}

func (b *bench) noShell(ctx context.Context) verdict {
	return b.inside(ctx, func(c *ssh.Client) error {
		s, err := c.NewSession()
		if err != nil {
			return err
		}
		defer s.Close() //nolint:errcheck // ends with the connection
		return s.Start("true")
	})
}

func (b *bench) noTunnel(ctx context.Context) verdict {
	return b.inside(ctx, func(c *ssh.Client) error {
		conn, err := c.Dial("tcp", "127.0.0.1:9")
		if err == nil {
			_ = conn.Close()
		}
		return err
	})
}
