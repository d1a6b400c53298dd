package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
	"time"

	"github.com/pkg/sftp"
)

// realFolders and testFolders are what an account must have.
var (
	realFolders = []string{"inbox", "inbox/done", "outbox", "outbox/done"}
	testFolders = []string{"test/inbox", "test/inbox/done", "test/outbox", "test/outbox/done"}
)

func folderChecks() []check {
	refused := Words{"请给中心的账户读、写、改名、列目录的权限。", "Give the hub's account the right to read, write, rename and list there."}
	return []check{
		at(Folders, "FOLDER_REAL", Words{"正式文件夹齐全", "the real folders are there"}, Words{"查看 inbox、outbox 及各自的 done", "looked at inbox, outbox and a done in each"},
			Words{"四个文件夹都在", "all four are there"}, Words{"请建立缺少的文件夹。", "Make the folders that are missing."}, (*bench).hasReal),
		at(Folders, "FOLDER_TEST", Words{"测试文件夹齐全", "the folders for tests are there"}, Words{"查看 test 下的四个文件夹", "looked at the four folders in test"},
			Words{"四个文件夹都在", "all four are there"}, Words{"请按指南第 19 节建立 test 文件夹，并接上测试系统。", "Make the folder test as section 19 of the guide says, and connect your test system."}, (*bench).hasTest),
		at(Folders, "FOLDER_JAIL", Words{"账户只见自己的文件夹", "the account sees its own folders only"}, Words{"试图查看 /etc/passwd", "tried to see /etc/passwd"},
			Words{"看不到", "not to be seen"}, Words{"请把账户限制在自己的目录内(chroot)。", "Keep the account inside its own folder (chroot)."}, (*bench).jailed),
		at(Folders, "FOLDER_WRITE", Words{"可以写文件", "files can be written"}, Words{"在 test/inbox 写一个临时文件", "wrote a temporary file in test/inbox"},
			Words{"写入成功", "written"}, refused, (*bench).writes),
		at(Folders, "FOLDER_RENAME", Words{"可以改名", "files can be renamed"}, Words{"给临时文件改名", "renamed a temporary file"},
			Words{"改名成功，旧名消失", "renamed, and the old name is gone"}, refused, (*bench).renames),
	}
}

// holds passes when what is done on a connection ends well.
func (b *bench) holds(ctx context.Context, good Words, do func(*sftp.Client) error) verdict {
	if err := b.wire.use(ctx, do); err != nil {
		return failed(Words{"未成功：", ""}, err)
	}
	return pass(good.ZH, good.EN)
}

func folders(c *sftp.Client, names []string) error {
	var missing []string
	for _, name := range names {
		if _, err := c.ReadDir(name); err != nil {
			missing = append(missing, fmt.Sprintf("%s (%v)", name, err))
		}
	}
	if len(missing) > 0 {
		return odd("缺少 %[1]s", "%[1]s", strings.Join(missing, ", "))
	}
	return nil
}

// accountWithin is how long our gateway may take over the account of a partner that was added just now.
const accountWithin = 10 * time.Second

func (b *bench) hasReal(ctx context.Context) verdict {
	var v verdict
	look := func() bool {
		v = b.holds(ctx, Words{"都在", "all there"}, func(c *sftp.Client) error { return folders(c, realFolders) })
		return v.outcome == Passed || !b.atHome()
	}
	b.repeat(ctx, min(accountWithin, b.Wait), look)
	return v
}

func (b *bench) hasTest(ctx context.Context) verdict {
	v := b.holds(ctx, Words{"都在", "all there"}, func(c *sftp.Client) error {
		if err := folders(c, testFolders); err != nil {
			return err
		}
		return b.number(c)
	})
	if v.outcome == Failed {
		b.shut = "FOLDER_TEST"
	}
	return v
}

// number finds the first sequence that no file of today has used, of an earlier test or of this one.
func (b *bench) number(c *sftp.Client) error {
	for _, dir := range testFolders {
		files, err := list(c, dir)
		if err != nil {
			return err
		}
		for name := range files {
			parts := strings.Split(name, "_")
			var seq int
			if len(parts) == 4 && parts[2] == b.day {
				_, _ = fmt.Sscanf(parts[3], "%06d", &seq) // another name has no number
			}
			b.next = max(b.next, seq)
		}
	}
	return nil
}

func (b *bench) jailed(ctx context.Context) verdict {
	if b.atHome() {
		return idle("账户在中心的网关上", "the account is in our gateway")
	}
	seen := errors.New("/etc/passwd")
	err := b.wire.use(ctx, func(c *sftp.Client) error {
		for _, name := range []string{"/etc/passwd", "../../../../../../etc/passwd"} {
			if _, err := c.Stat(name); err == nil {
				return seen
			}
		}
		return nil
	})
	return judged(!errors.Is(err, seen), Words{"看不到", "not to be seen"}, Words{"看得到 /etc/passwd", "/etc/passwd can be seen"})
}

// temporary is the path of a temporary file of a check; nobody takes it, and a server that serves the exchange lets us remove it.
func (b *bench) temporary(kind string) string {
	return path.Join("test/inbox", fmt.Sprintf("%s_%s_%s_000001.txt.tmp", b.Endpoint.Partner, kind, b.day))
}

func (b *bench) writes(ctx context.Context) verdict {
	name := b.temporary("TRYWRITE")
	return b.holds(ctx, Words{"写入成功", "written"}, func(c *sftp.Client) error {
		drop(c, name)
		defer drop(c, name)
		return put(c, name, []byte("test\n"))
	})
}

func (b *bench) renames(ctx context.Context) verdict {
	from, to := b.temporary("TRYFROM"), b.temporary("TRYRENAME")
	return b.holds(ctx, Words{"改名成功", "renamed"}, func(c *sftp.Client) error {
		drop(c, from)
		drop(c, to)
		defer drop(c, to)
		if err := put(c, from, []byte("test\n")); err != nil {
			return err
		}
		if err := move(c, from, to); err != nil {
			return err
		}
		if _, err := called(c, from); !errors.Is(err, os.ErrNotExist) {
			return odd("旧名还在", "the old name is still there")
		}
		_, err := called(c, to)
		return err
	})
}
