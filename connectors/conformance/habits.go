package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"time"

	"github.com/pkg/sftp"
)

// many is how many requests a connection must bear.
const many = 300

func habitChecks() []check {
	declare := func(what string) Words {
		return Words{"请改正；确实如此的，请告知中心登记 " + what + "。", "Mend it, or have the hub declare it: " + what + "."}
	}
	return []check{
		at(Naming, "NAME_KEPT", Words{"文件名原样保存", "names are kept"}, Words{"写入后在目录里找同一个名字", "looked for the name in a listing after writing"},
			Words{"名字一字不差，或已声明 loose_names", "the very name, or loose_names declared"}, declare("loose_names = true"), (*bench).keepsNames),
		at(Habits, "HABIT_READ_TWICE", Words{"文件可以读多次", "a file can be read twice"}, Words{"同一文件读两次", "read a file twice"},
			Words{"两次相同，或已声明 read_once", "equal both times, or read_once declared"}, declare("read_once = true"), (*bench).readsTwice),
		at(Habits, "HABIT_TWO_CONNECTIONS", Words{"可以同时有两个连接", "two connections at once"}, Words{"同时登录两次", "logged in twice at once"},
			Words{"两个都可用，或已声明 one_at_a_time", "both work, or one_at_a_time declared"}, declare("one_at_a_time = true"), (*bench).twoConnections),
		at(Habits, "HABIT_TWO_FILES", Words{"可以同时打开两个文件", "two files open at once"}, Words{"同时打开两个文件", "opened two files at once"},
			Words{"两个都打开，或已声明 one_at_a_time", "both open, or one_at_a_time declared"}, declare("one_at_a_time = true"), (*bench).twoFiles),
		at(Habits, "HABIT_PACKET", Words{"承受约定的包长", "packets of the agreed size"}, Words{"一次写、读一整包", "wrote and read one whole packet"},
			Words{"32,768 字节，或所声明的 packet", "32,768 bytes, or the packet that is declared"}, declare("packet"), (*bench).packets),
		known("hangs-up", at(Habits, "HABIT_STAYS", Words{"连接不会中途断开", "a connection stays"}, Words{"在一个连接上做 300 次请求", "made 300 requests on one connection"},
			Words{"全部有应答", "all answered"}, declare(`known = ["hangs-up"]`), (*bench).stays)),
		known("slow-listing", at(Habits, "HABIT_LISTING", Words{"列目录够快", "listings are quick"}, Words{"列出 test/outbox 并计时", "timed a listing of test/outbox"},
			Words{"不超过限时", "within the limit"}, declare(`known = ["slow-listing"]`), (*bench).quickListing)),
		known("mtime", at(Habits, "HABIT_MTIME", Words{"文件时间可信", "times of files can be trusted"}, Words{"看刚写入的文件的时间", "looked at the time of a file just written"},
			Words{"与中心的时钟相差不到一小时", "within an hour of the hub's clock"}, declare(`known = ["mtime"]`), (*bench).toldTime)),
		known("no-stat", at(Habits, "HABIT_STAT", Words{"可以查询文件属性", "files are described"}, Words{"用 LSTAT 查询文件", "asked for a file by LSTAT"},
			Words{"得到大小", "its size"}, declare(`known = ["no-stat"]`), (*bench).describes)),
		at(Habits, "HABIT_DECLARED", Words{"所声明的习惯确实存在", "declared habits are really there"}, Words{"把声明与所见对照", "held the declaration against what was seen"},
			Words{"没有多余的声明", "nothing is declared in vain"}, Words{"请中心去掉多余的声明：它会削弱送达证明。", "Have the hub take the declaration out: it weakens the proof of delivery."}, (*bench).declared),
	}
}

// onTrial runs do with a small file that lies there under name.
func (b *bench) onTrial(ctx context.Context, kind string, size int, do func(c *sftp.Client, name string) error) error {
	name := b.temporary(kind)
	return b.wire.use(ctx, func(c *sftp.Client) error {
		drop(c, name)
		defer drop(c, name)
		if err := put(c, name, bytes.Repeat([]byte("x"), size)); err != nil {
			return err
		}
		return do(c, name)
	})
}

// told judges a habit that can be declared: passed when all is well, or when it is not and was declared.
func told(err error, declared bool, good Words) verdict {
	switch {
	case err == nil:
		return pass(good.ZH, good.EN)
	case declared:
		found := found(err)
		return pass("确如所声明："+found.ZH, "as declared: "+found.EN)
	default:
		return failed(Words{}, err)
	}
}

func (b *bench) keepsNames(ctx context.Context) verdict {
	return told(b.namesKept(ctx), b.Endpoint.LooseNames, Words{"一字不差", "the very name"})
}

func (b *bench) namesKept(ctx context.Context) error {
	return b.onTrial(ctx, "TRYNAME", 5, func(c *sftp.Client, name string) error {
		entries, err := c.ReadDir(path.Dir(name))
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Name() == path.Base(name) {
				return nil
			}
			if plain(e.Name()) == path.Base(name) {
				return odd("名称变成 %[1]q", "it is called %[1]q", e.Name())
			}
		}
		return odd("目录里没有这个文件", "it is not in a listing")
	})
}

func (b *bench) readsTwice(ctx context.Context) verdict {
	return told(b.readTwice(ctx), b.Endpoint.ReadOnce, Words{"两次相同", "equal both times"})
}

func (b *bench) readTwice(ctx context.Context) error {
	return b.onTrial(ctx, "TRYTWICE", 100, func(c *sftp.Client, name string) error {
		first, err := get(c, name)
		if err != nil {
			return err
		}
		again, err := get(c, name)
		if err == nil && !bytes.Equal(first, again) {
			err = odd("第二次读到的内容不同", "other bytes the second time")
		}
		return err
	})
}

func (b *bench) twoConnections(ctx context.Context) verdict {
	if b.atHome() {
		return idle("账户在中心的网关上", "the account is in our gateway")
	}
	return told(b.connectTwice(ctx), b.Endpoint.OneAtATime, Words{"两个都可用", "both work"})
}

func (b *bench) connectTwice(ctx context.Context) error {
	return b.wire.use(ctx, func(c *sftp.Client) error {
		if err := b.wire.use(ctx, func(second *sftp.Client) error { return folders(second, testFolders[:1]) }); err != nil {
			return odd("第二个连接不能用：%[1]s", "the second connection: %[1]s", clean(err))
		}
		return folders(c, testFolders[:1])
	})
}

func (b *bench) twoFiles(ctx context.Context) verdict {
	return told(b.openTwo(ctx), b.Endpoint.OneAtATime, Words{"两个都打开", "both open"})
}

func (b *bench) openTwo(ctx context.Context) error {
	second := b.temporary("TRYSECOND")
	return b.onTrial(ctx, "TRYFIRST", 10, func(c *sftp.Client, name string) error {
		drop(c, second)
		defer drop(c, second)
		there, err := called(c, name)
		if err != nil {
			return err
		}
		f, err := c.Open(there)
		if err != nil {
			return err
		}
		return errors.Join(put(c, second, []byte("x")), f.Close())
	})
}

func (b *bench) packets(ctx context.Context) verdict {
	size := b.wire.packet()
	err := b.onTrial(ctx, "TRYPACKET", size, func(c *sftp.Client, name string) error {
		there, err := called(c, name)
		if err != nil {
			return err
		}
		f, err := c.Open(there)
		if err != nil {
			return err
		}
		n, err := f.ReadAt(make([]byte, size), 0)
		if err == nil && n < size {
			err = odd("%[2]d 字节只读到 %[1]d", "%[1]d bytes of %[2]d were read", n, size)
		}
		return errors.Join(err, f.Close())
	})
	if err != nil {
		return failed(Words{}, err)
	}
	return pass(fmt.Sprintf("%d 字节", size), fmt.Sprintf("%d bytes", size))
}

func (b *bench) stays(ctx context.Context) verdict {
	return b.holds(ctx, Words{"全部有应答", "all answered"}, func(c *sftp.Client) error {
		for range many {
			if _, err := c.Stat("test"); err != nil && !answered(err) {
				return err
			}
		}
		return nil
	})
}

// answered tells that a server has said no, and has not hung up.
func answered(err error) bool {
	var status *sftp.StatusError
	return errors.As(err, &status) && status.FxCode() != sftp.ErrSSHFxConnectionLost ||
		errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission)
}

func (b *bench) quickListing(ctx context.Context) verdict {
	var took time.Duration
	err := b.wire.use(ctx, func(c *sftp.Client) error {
		begin := time.Now()
		_, err := list(c, "test/outbox")
		took = time.Since(begin)
		return err
	})
	if err != nil {
		return failed(Words{}, err)
	}
	found := Words{fmt.Sprintf("用时 %v，限时 %v", took.Round(time.Millisecond), b.List), fmt.Sprintf("took %v, the limit is %v", took.Round(time.Millisecond), b.List)}
	return judged(took <= b.List, found, found)
}

func (b *bench) toldTime(ctx context.Context) verdict {
	err := b.onTrial(ctx, "TRYTIME", 3, func(c *sftp.Client, name string) error {
		files, err := list(c, path.Dir(name))
		if err != nil {
			return err
		}
		info, there := files[plain(path.Base(name))]
		if !there {
			return os.ErrNotExist
		}
		if off := time.Since(info.ModTime()).Abs(); off > time.Hour {
			return odd("相差 %[1]d 小时", "it is off by %[1]d hours", int(off.Round(time.Hour).Hours()))
		}
		return nil
	})
	return told(err, false, Words{"相差不到一小时", "within an hour"})
}

func (b *bench) describes(ctx context.Context) verdict {
	err := b.onTrial(ctx, "TRYSTAT", 7, func(c *sftp.Client, name string) error {
		if _, err := c.Lstat(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return odd("LSTAT 未成功：%[1]s", "LSTAT: %[1]s", clean(err))
		}
		return nil
	})
	return told(err, false, Words{"得到大小", "described"})
}

func (b *bench) declared(ctx context.Context) verdict {
	e := b.Endpoint
	var vain []string
	if e.LooseNames && b.namesKept(ctx) == nil {
		vain = append(vain, "loose_names")
	}
	if e.ReadOnce && b.readTwice(ctx) == nil {
		vain = append(vain, "read_once")
	}
	if e.OneAtATime && b.connectTwice(ctx) == nil && b.openTwo(ctx) == nil {
		vain = append(vain, "one_at_a_time")
	}
	found := fmt.Sprint(vain)
	return judged(len(vain) == 0, Words{"没有多余的声明", "nothing in vain"}, Words{"多余的声明：" + found, "declared in vain: " + found})
}
