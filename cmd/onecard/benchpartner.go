package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"onecard/connectors/exchange"
)

// benchPartnerName is the partner that the file exchange is measured against.
const benchPartnerName = "ICBC"

// benchPatience is how long the partner may take to be ready, and to end.
const benchPatience = 30 * time.Second

// benchPartner is a simulated partner in a folder of its own.
type benchPartner struct {
	endpoint exchange.Endpoint
	ended    chan error
	end      context.CancelFunc
}

// startBenchPartner starts a partner that takes files and does not answer.
func startBenchPartner(ctx context.Context, dir string) (*benchPartner, error) {
	keys := household{dir: dir}
	if err := keys.keys(ctx); err != nil {
		return nil, err
	}
	rules := filepath.Join(dir, "rules.toml")
	if err := os.WriteFile(rules, []byte("[[rule]]\npartner = \"*\"\nkind = \"*\"\ndo = \"silent\"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("write the partner's rules: %w", err)
	}
	program, err := ownProgram("partners")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, program, "--dir", filepath.Join(dir, "partners"), "--partners", benchPartnerName, "--rules", rules, //nolint:gosec // our own program
		"--hub-key", keys.path("keys", "ssh.pub"), "--hub-sign-key", keys.path("keys", "sign.pem.pub"))
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = benchPatience
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, fmt.Errorf("start the partner: %w", err)
	}
	p := &benchPartner{ended: make(chan error, 1), end: cancel}
	go func() { p.ended <- cmd.Wait() }()
	if err := p.ready(ctx, dir); err != nil {
		return nil, errors.Join(fmt.Errorf("start the partner: %w %s", err, said.String()), p.stop())
	}
	p.endpoint.KeyFile, p.endpoint.SignKeyFile = keys.path("keys", "ssh"), keys.path("keys", "sign.pem")
	return p, p.own(keys)
}

// own has our own manifests verified, for what comes back is what we sent.
func (p *benchPartner) own(h household) error {
	key, err := os.ReadFile(h.path("keys", "sign.pem.pub"))
	if err != nil {
		return errors.Join(err, p.stop())
	}
	p.endpoint.VerifyKey = strings.TrimSpace(string(key))
	return nil
}

// ready waits for the list of partners, which is there when they are.
func (p *benchPartner) ready(ctx context.Context, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, benchPatience)
	defer cancel()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		text, err := os.ReadFile(filepath.Join(dir, "partners", "partners.json")) //nolint:gosec // a folder of our own
		if err == nil {
			return p.read(text)
		}
		select {
		case err := <-p.ended:
			p.ended <- err
			return errors.Join(errors.New("it ended"), err)
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
}

func (p *benchPartner) read(text []byte) error {
	var list struct {
		Partners []struct {
			Name, Address, User string
			HostKey             string `json:"host_key"`
		}
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return fmt.Errorf("read the partners: %w", err)
	}
	if len(list.Partners) != 1 {
		return fmt.Errorf("found %d partners, expected 1", len(list.Partners))
	}
	at := list.Partners[0]
	p.endpoint = exchange.Endpoint{Partner: at.Name, Address: at.Address, User: at.User, HostKey: at.HostKey}
	return nil
}

// stop ends the partner.
func (p *benchPartner) stop() error {
	p.end()
	err := <-p.ended
	var exit *exec.ExitError
	if errors.As(err, &exit) || errors.Is(err, context.Canceled) { // it was told to
		return nil
	}
	return err
}
