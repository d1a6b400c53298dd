package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"

	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/exchange"
)

// tellNewcomer prints what the partner has to be sent.
func tellNewcomer(w io.Writer, c config.Config, p config.Partner) error {
	sign, err := exchange.PublicKey(c.Exchange.SignKeyFile)
	if err != nil {
		return err
	}
	way, err := wayIn(c, p)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, `%s is onboarding (接入中): %s

请把下列资料交给合作单位 Please send to the partner:
  单位代码 name in file names: %s
  %s
  中心的 SM2 公钥 our SM2 key: %s
  文件夹 folders: inbox inbox/done outbox outbox/done
  测试文件夹 for tests: test/inbox test/inbox/done test/outbox test/outbox/done
  指南 guide: docs/partner-files.md (测试 tests: 19)

下一步 next: onecard partner test %s
`, p.Name, p.Added, p.Name, way, sign, p.Name)
	return err
}

// wayIn is what the partner must know so that one side can log in at the other and knows whom it has reached.
func wayIn(c config.Config, p config.Partner) (string, error) {
	if !p.LogsIn() {
		public, err := readLine(endpoint(c, p).KeyFile + ".pub")
		return "中心的 SSH 公钥 our SSH key: " + public, err
	}
	lines := "中心网关 our gateway: " + c.Gateway.Listen + ", user " + p.Name
	text, err := os.ReadFile(filepath.Clean(c.Gateway.HostKeyFile))
	if errors.Is(err, os.ErrNotExist) {
		return lines + "\n  网关的主机公钥 its host key: onecard serve gateway 启动时显示 (shown when it starts)", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the gateway's key: %w", err)
	}
	key, err := ssh.ParsePrivateKey(text)
	if err != nil {
		return "", fmt.Errorf("read the gateway's key: %w", err)
	}
	return lines + "\n  网关的主机公钥 its host key: " + strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key.PublicKey()))), nil
}
