package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// tell is how often a build that takes long says that it is still at it.
const tell = 15 * time.Second

// Programs are the upstream programs and the folder of their configuration.
type Programs struct {
	Server, SQLTool, UI string
	Config              string
}

// target is one upstream program: the name of its file and its package.
type target struct{ name, pkg string }

func targets() []target {
	return []target{
		{name: "temporal-server", pkg: "go.temporal.io/server/cmd/server"},
		{name: "temporal-sql-tool", pkg: "go.temporal.io/server/cmd/tools/sql"},
		{name: "temporal-ui", pkg: "github.com/temporalio/ui-server/v2/cmd/server"},
	}
}

// Build puts the upstream programs into bin/ of the checkout: from there when they are up to date, from the user's cache
// folder when another checkout has built them, and else from their pinned sources, which takes four to five minutes on two
// cores; progress says so while it runs. It wraps ErrNoRepo when repo is not a checkout.
func Build(ctx context.Context, repo string, progress io.Writer) (Programs, error) {
	repo, err := filepath.Abs(repo)
	if err != nil {
		return Programs{}, fmt.Errorf("find the checkout: %w", err)
	}
	if _, err := os.Stat(filepath.Join(repo, pins)); errors.Is(err, os.ErrNotExist) {
		return Programs{}, fmt.Errorf("build Temporal: %w", ErrNoRepo)
	}
	b := builder{repo: repo, progress: progress}
	if err := b.build(ctx); err != nil {
		return Programs{}, fmt.Errorf("build Temporal: %w", err)
	}
	return b.programs(), nil
}

type builder struct {
	repo     string
	progress io.Writer
}

func (b builder) bin(name string) string { return filepath.Join(b.repo, "bin", name) }

func (b builder) programs() Programs {
	return Programs{
		Server: b.bin("temporal-server"), SQLTool: b.bin("temporal-sql-tool"), UI: b.bin("temporal-ui"),
		Config: filepath.Join(b.repo, "deploy", "temporal", "config"),
	}
}

func (b builder) build(ctx context.Context) error {
	key, err := b.key(ctx)
	if err != nil {
		return err
	}
	if b.upToDate(key) {
		return nil
	}
	c, err := openCache(ctx, b.cacheHome(), key)
	if err != nil {
		return err
	}
	defer c.close()
	if !c.complete() {
		if err := c.fill(ctx, b.compile); err != nil {
			return err
		}
	}
	return b.install(c, key)
}

// compile builds all programs into dir.
func (b builder) compile(ctx context.Context, dir string) error {
	b.say("building Temporal and its Web UI from source, once: 460 modules, four to five minutes on two cores")
	b.say("首次运行需从源码编译 Temporal 及其界面(460 个模块),双核约四到五分钟；之后直接使用缓存")
	start := time.Now()
	for i, t := range targets() {
		b.say("  [%d/%d] %s", i+1, len(targets()), t.name)
		if err := b.compileOne(ctx, t, filepath.Join(dir, t.name), start); err != nil {
			return err
		}
	}
	b.say("  built in %s", time.Since(start).Round(time.Second))
	return nil
}

// compileOne builds without C, so that a machine with Go alone is enough and the programs run wherever they are copied.
func (b builder) compileOne(ctx context.Context, t target, out string, start time.Time) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", out, t.pkg) //nolint:gosec // our own arguments
	cmd.Dir = filepath.Join(b.repo, "deploy", "temporal")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-mod=readonly")
	var output strings.Builder
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("run go: %w", err)
	}
	done := make(chan struct{})
	go b.report(t.name, start, done)
	err := cmd.Wait()
	close(done)
	if err != nil {
		return fmt.Errorf("go build %s: %w\n%s", t.pkg, err, strings.TrimSpace(output.String()))
	}
	return nil
}

// report says every now and then that the build is still at it.
func (b builder) report(name string, start time.Time, done <-chan struct{}) {
	tick := time.NewTicker(tell)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			b.say("        %s: still compiling after %s (编译中)", name, time.Since(start).Round(time.Second))
		}
	}
}

func (b builder) say(format string, args ...any) {
	_, _ = fmt.Fprintf(b.progress, format+"\n", args...)
}
