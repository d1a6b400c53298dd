package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"onecard/card"
	"onecard/cmd/onecard/internal/local"
	"onecard/connectors/exchange"
	"onecard/connectors/postgres"
	"onecard/connectors/vault"
)

// household is what `onecard up` puts on top of the servers: keys, simulated partners, configuration, worker.
type household struct {
	dir     string
	stack   *local.Stack
	options upOptions
}

func (h household) path(parts ...string) string {
	return filepath.Join(append([]string{h.dir}, parts...)...)
}

// keys makes the hub's keys, once.
func (h household) keys(context.Context) error {
	if err := os.MkdirAll(h.path("keys"), 0o700); err != nil {
		return fmt.Errorf("make the folder of keys: %w", err)
	}
	for _, k := range []struct {
		file string
		make func(string) error
	}{{"vault.toml", vault.Generate}, {"ssh", generateSSH}, {"gateway", generateSSH}, {"sign.pem", generateSign}} {
		path := h.path("keys", k.file)
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			if err := k.make(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// generateSSH makes a key with which the hub signs in at its partners, or shows itself to those that log in.
func generateSSH(path string) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("make the SSH key: %w", err)
	}
	block, err := ssh.MarshalPrivateKey(private, "onecard hub")
	if err != nil {
		return fmt.Errorf("make the SSH key: %w", err)
	}
	signer, err := ssh.NewPublicKey(public)
	if err != nil {
		return fmt.Errorf("make the SSH key: %w", err)
	}
	if err := os.WriteFile(path+".pub", ssh.MarshalAuthorizedKey(signer), 0o600); err != nil {
		return fmt.Errorf("write the SSH key: %w", err)
	}
	return os.WriteFile(path, pem.EncodeToMemory(block), 0o600)
}

func generateSign(path string) error {
	public, err := exchange.GenerateKey(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path+".pub", []byte(public+"\n"), 0o600)
}

// partners starts the simulated partners.
func (h household) partners(ctx context.Context) error {
	program, err := ownProgram("partners")
	if err != nil {
		return err
	}
	names := append(h.options.banks[:len(h.options.banks):len(h.options.banks)], "BUREAU", "CIVIL", "OUTLET")
	argv := []string{program, "--dir", h.path("partners"), "--partners", strings.Join(names, ","),
		"--hub-key", h.path("keys", "ssh.pub"), "--hub-sign-key", h.path("keys", "sign.pem.pub")}
	if h.options.rules != "" {
		rules, err := filepath.Abs(h.options.rules)
		if err != nil {
			return err
		}
		argv = append(argv, "--rules", rules)
	}
	visit, err := h.visitorFlags()
	if err != nil {
		return err
	}
	own, err := h.layoutFlags(names)
	if err != nil {
		return err
	}
	argv = append(append(argv, visit...), own...)
	list := h.path("partners", "partners.json")
	if err := os.Remove(list); err != nil && !errors.Is(err, os.ErrNotExist) { // of a run that was killed
		return fmt.Errorf("forget the partners of the last run: %w", err)
	}
	return h.stack.Launch(ctx, local.Program{Name: "partners", Argv: argv, Ready: func(context.Context) error {
		_, err := os.Stat(list)
		return err
	}})
}

// visitorFlags tell the simulated partners which of them log in, and where.
func (h household) visitorFlags() ([]string, error) {
	if len(h.options.visitors) == 0 {
		return nil, nil
	}
	g, err := h.gatewaySettings()
	if err != nil {
		return nil, err
	}
	return []string{"--visitors", strings.Join(h.options.visitors, ","), "--gateway", g.Listen, "--gateway-key", g.HostKeyFile + ".pub"}, nil
}

// bankPrefix is the CNAPS prefix of the bank with the identifier, or empty.
func bankPrefix(identifier string) string {
	for _, b := range card.Banks() {
		if b.Identifier == identifier {
			return b.Prefix
		}
	}
	return ""
}

// prepareLedger brings the schema up to date, and gives the ledger the programmes and every city a range of card numbers.
func (h household) prepareLedger(ctx context.Context) error {
	v, err := vault.Open(h.path("keys", "vault.toml"))
	if err != nil {
		return err
	}
	l, err := postgres.Open(ctx, h.stack.State().DatabaseURL, v)
	if err != nil {
		return err
	}
	defer l.Close()
	if err := l.Migrate(ctx); err != nil {
		return err
	}
	if err := firstProgrammes(ctx, l); err != nil {
		return err
	}
	ranges, err := l.Ranges(ctx)
	if err != nil || len(ranges) > 0 {
		return err
	}
	for _, c := range card.Cities() {
		if err := l.AddRange(ctx, postgres.Range{City: c.Code, Prefix: c.Letters[:1], First: 1, Last: 9_999_999}); err != nil {
			return err
		}
	}
	return nil
}

func (h household) worker(ctx context.Context) error {
	self, err := ownProgram("onecard")
	if err != nil {
		return err
	}
	argv := []string{self, "worker", "--config", h.path("onecard.toml")}
	if h.options.profile != "" {
		dir, err := filepath.Abs(h.options.profile)
		if err != nil {
			return err
		}
		argv = append(argv, "--profile", dir)
	}
	return h.stack.Launch(ctx, local.Program{Name: "worker", Argv: argv,
		Env: []string{"GOMEMLIMIT=400MiB"}, Grace: 20 * time.Second})
}

// codec starts the endpoint through which the Web UI shows payloads.
func (h household) codec(ctx context.Context) error {
	state := h.stack.State()
	if state.UIAddress == "" {
		return nil
	}
	self, err := ownProgram("onecard")
	if err != nil {
		return err
	}
	return h.stack.Launch(ctx, local.Program{Name: "codec", Argv: []string{self, "serve", "codec", "--config", h.path("onecard.toml"),
		"--codec-address", state.CodecAddress, "--codec-token-file", state.CodecTokenFile, "--ui-origin", state.UIAddress},
		Ready: func(ctx context.Context) error {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+state.CodecAddress+"/", nil)
			if err != nil {
				return err
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				return err
			}
			return answer.Body.Close()
		}})
}
