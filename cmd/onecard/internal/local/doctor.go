package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"

	"onecard/connectors/postgres/cluster"
	"onecard/connectors/postgres/cluster/child"
)

const (
	// askWithin bounds every question that Doctor asks a server.
	askWithin = 5 * time.Second
	// diskLow is the free space in bytes below which a rollout may not end.
	diskLow = 2 << 30
	// restless is the number of restarts from which a program is worth a look.
	restless = 3
)

// Finding is one thing that is wrong, and what to do about it, on one line in each language.
type Finding struct {
	Code    string // stable, for programs
	Chinese string
	English string
}

// String puts both languages on one line.
func (f Finding) String() string { return f.English + " (" + f.Chinese + ")" }

// Check looks at something of the caller's own in a running stack, such as the version of the ledger's schema.
type Check func(context.Context, State) []Finding

// Doctor says what is wrong with the stack in o.Dir, or with the machine that it is to run on. All is well when it returns
// nothing. The further checks are made when the stack runs.
func Doctor(ctx context.Context, o Options, checks ...Check) []Finding {
	st, err := Find(o.Dir)
	switch {
	case errors.Is(err, ErrNotRunning):
		return slices.Concat(stopped(o), missing(ctx, o), clashes(o.Dir), disk(o.Dir), given(ctx, o))
	case err != nil:
		return []Finding{{
			Code:    "state-unreadable",
			Chinese: fmt.Sprintf("读不到运行状态(%v):停止后重新运行 onecard up", err),
			English: fmt.Sprintf("the state cannot be read (%v): stop it and run `onecard up` again", err),
		}}
	}
	found := slices.Concat(processes(st), disk(o.Dir), reachable(ctx, st))
	for _, check := range checks {
		found = append(found, check(ctx, st)...)
	}
	return found
}

func stopped(o Options) []Finding {
	if _, err := os.Stat(filepath.Join(o.Dir, "up.json")); err == nil {
		return []Finding{{
			Code:    "killed",
			Chinese: "上次运行被强行终止，数据完好：运行 onecard up 即可恢复",
			English: "the last run was killed, nothing is lost: `onecard up` recovers",
		}}
	}
	return []Finding{{
		Code:    "not-running",
		Chinese: "没有在运行：运行 onecard up",
		English: "nothing is running: run `onecard up`",
	}}
}

// missing looks for what must be installed to start what is not given by address.
func missing(ctx context.Context, o Options) []Finding {
	var found []Finding
	if o.DatabaseURL == "" || o.TemporalAddress == "" {
		if err := cluster.Installed(); err != nil {
			found = append(found, Finding{
				Code:    "postgres-missing",
				Chinese: "没有安装 PostgreSQL 15：运行 apt-get install postgresql-15",
				English: "PostgreSQL 15 is not installed: run `apt-get install postgresql-15`",
			})
		}
	}
	if o.TemporalAddress == "" {
		found = append(found, unbuilt(ctx, o.Repo)...)
	}
	return found
}

// unbuilt looks for what the build of the upstream programs needs.
func unbuilt(ctx context.Context, repo string) []Finding {
	if repo == "" {
		found, err := FindRepo()
		if err != nil {
			return []Finding{{
				Code:    "no-checkout",
				Chinese: "找不到 deploy/temporal：请在源码目录中运行，或用 --temporal-address 指定已有的 Temporal",
				English: "no deploy/temporal here: run from a checkout, or pass --temporal-address",
			}}
		}
		repo = found
	}
	if _, err := exec.LookPath("go"); err != nil {
		return []Finding{{
			Code:    "go-missing",
			Chinese: "PATH 中没有 Go，无法编译 Temporal：安装 Go，或用 --temporal-address",
			English: "Go is not on the PATH, so Temporal cannot be built: install Go, or pass --temporal-address",
		}}
	}
	b := builder{repo: repo}
	if key, err := b.key(ctx); err == nil && !b.upToDate(key) {
		return []Finding{{
			Code:    "not-built",
			Chinese: "Temporal 尚未编译：首次 onecard up 会编译，约四到五分钟",
			English: "Temporal is not built yet: the first `onecard up` builds it, in four to five minutes",
		}}
	}
	return nil
}

// clashes looks for other programs on the ports that belong to a stack that does not run.
func clashes(dir string) []Finding {
	p, err := loadPorts(filepath.Join(dir, "ports.json"))
	if err != nil {
		return nil // starting says the same with more to go on
	}
	var found []Finding
	for _, name := range p.names() {
		if free(p.of[name]) {
			continue
		}
		found = append(found, Finding{
			Code:    "port-taken",
			Chinese: fmt.Sprintf("%s 的端口 %d 被别的程序占用：停掉它，或删除 ports.json 以换端口", name, p.of[name]),
			English: fmt.Sprintf("port %d of %s is taken: stop the other program, or delete ports.json for new ports", p.of[name], name),
		})
	}
	return found
}

func disk(dir string) []Finding {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return nil // a folder that is not there yet
	}
	bytes := int64(st.Bavail) * st.Bsize //nolint:gosec // sizes of real disks fit
	if bytes >= diskLow {
		return nil
	}
	return []Finding{{
		Code:    "disk-low",
		Chinese: fmt.Sprintf("磁盘只剩 %d MiB：腾出空间，至少 2048 MiB", bytes>>20),
		English: fmt.Sprintf("only %d MiB of disk are free: make room for at least 2048 MiB", bytes>>20),
	}}
}

// processes looks for programs that are down, or that come back again and again.
func processes(st State) []Finding {
	var found []Finding
	for _, p := range st.Processes {
		switch {
		case p.Pid == 0 || !child.Alive(p.Pid):
			found = append(found, Finding{
				Code:    "process-down",
				Chinese: fmt.Sprintf("%s 已退出，正在重启：原因见 %s", p.Name, p.Log),
				English: fmt.Sprintf("%s is down and is being started again: see %s for why", p.Name, p.Log),
			})
		case p.Restarts >= restless:
			found = append(found, Finding{
				Code:    "process-restless",
				Chinese: fmt.Sprintf("%s 已重启 %d 次：原因见 %s", p.Name, p.Restarts, p.Log),
				English: fmt.Sprintf("%s has been started again %d times: see %s for why", p.Name, p.Restarts, p.Log),
			})
		}
	}
	if !st.Ready {
		found = append(found, Finding{
			Code:    "starting",
			Chinese: "仍在启动中：请稍候",
			English: "it is still starting: wait a moment",
		})
	}
	return found
}

// given asks the servers that were given by address, before anything is started.
func given(ctx context.Context, o Options) []Finding {
	return reachable(ctx, State{DatabaseURL: o.DatabaseURL, TemporalAddress: o.TemporalAddress})
}

func reachable(ctx context.Context, st State) []Finding {
	questions := []struct {
		name, at string
		ask      func(context.Context, string) error
	}{
		{name: "PostgreSQL", at: st.DatabaseURL, ask: answers},
		{name: "Temporal", at: st.TemporalAddress, ask: serving},
		{name: "Temporal Web UI", at: st.UIAddress, ask: healthySite},
	}
	var found []Finding
	for _, q := range questions {
		if q.at == "" {
			continue
		}
		bounded, cancel := context.WithTimeout(ctx, askWithin)
		if err := q.ask(bounded, q.at); err != nil {
			found = append(found, unreachable(q.name, err))
		}
		cancel()
	}
	return found
}

func unreachable(name string, err error) Finding {
	why := strings.Join(strings.Fields(err.Error()), " ")
	return Finding{
		Code:    "unreachable",
		Chinese: fmt.Sprintf("%s 没有应答(%s):检查地址与日志", name, why),
		English: fmt.Sprintf("%s does not answer (%s): check the address and its log", name, why),
	}
}

// answers returns nil when a database lets us in.
func answers(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	return conn.Close(ctx)
}
