package conformance

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"

	"github.com/emmansun/gmsm/sm3"
	"github.com/pkg/sftp"
)

// large is the size of the larger file that is tried, in bytes: more than any window of a connection.
const large = 3 << 20

func publishChecks() []check {
	return []check{
		at(Publish, "PUBLISH_READ_BACK", Words{"写入后可读回核对", "what was written can be read back"}, Words{"写临时文件，读回比较大小和 SM3", "wrote a temporary file and compared size and SM3 of what is read back"},
			Words{"逐字节相同", "equal byte by byte"}, Words{"请检查服务器是否改动内容（换行转换、编码转换、杀毒改写）。", "See what changes files on the way: line ends, encodings, scanners."}, (*bench).readsBack),
		at(Publish, "PUBLISH_BINARY", Words{"任何字节原样保存", "all bytes are kept"}, Words{"写入含全部 256 种字节的文件并读回", "wrote a file with all 256 bytes and read it back"},
			Words{"逐字节相同", "equal byte by byte"}, Words{"请用二进制方式保存，不要转换换行和编码。", "Store in binary, without conversion of line ends or encodings."}, (*bench).anyBytes),
		at(Publish, "PUBLISH_LARGE", Words{"容得下较大的文件", "a larger file has room"}, Words{"写入并读回 3 MiB 的文件", "wrote and read back a file of 3 MiB"},
			Words{"逐字节相同", "equal byte by byte"}, Words{"请放宽该账户的配额和单文件上限（至少 1 GiB）。", "Raise the account's quota and the largest file, to 1 GiB at least."}, (*bench).bears),
		known("write-once", at(Publish, "PUBLISH_RESUME", Words{"断线留下的半个文件可重写", "half a file of an upload that was cut can be written again"}, Words{"先写半个文件，再从头写整个", "wrote half a file, then the whole under the same name"},
			Words{"以整个文件为准", "the whole file is there"}, Words{"请允许中心重写自己的 .tmp 文件。", "Let the hub write its own .tmp files again."}, (*bench).resumes)),
		known("no-posix-rename", at(Publish, "PUBLISH_POSIX_RENAME", Words{"支持 posix-rename", "posix-rename is offered"}, Words{"查看服务器声明的扩展", "looked at the extensions of the server"},
			Words{"posix-rename@openssh.com", "posix-rename@openssh.com"}, Words{"请启用该扩展；确实没有的，请告知中心登记 no-posix-rename。", "Enable it, or tell the hub that there is none: no-posix-rename."}, (*bench).posixRename)),
		known("no-replace", at(Publish, "PUBLISH_REPLACE", Words{"改名可以覆盖", "a rename replaces"}, Words{"把一个临时文件改名到已有的名字上", "renamed a temporary file to a name that is taken"},
			Words{"新内容取代旧内容", "the new content is there"}, Words{"请允许覆盖；确实不能的，请告知中心登记 no-replace。", "Allow it, or tell the hub that it cannot be: no-replace."}, (*bench).replaces)),
	}
}

func known(habit string, c check) check {
	c.habit = habit
	return c
}

// roundTrip writes text under the name of a check, and reads it back where the server lets that be done.
func (b *bench) roundTrip(ctx context.Context, kind string, text []byte) verdict {
	name := b.temporary(kind)
	want := sm3.Sum(text)
	good := Words{fmt.Sprintf("%d 字节，SM3 %x… 相同", len(text), want[:8]), fmt.Sprintf("%d bytes, SM3 %x… equal", len(text), want[:8])}
	return b.holds(ctx, good, func(c *sftp.Client) error {
		drop(c, name)
		defer drop(c, name)
		if err := put(c, name, text); err != nil {
			return err
		}
		back, err := get(c, name)
		if err != nil {
			return err
		}
		if sm3.Sum(back) != want {
			return odd("写入 %[1]d 字节，读回 %[2]d 字节，内容不同", "%[1]d bytes were written, %[2]d others are read back", len(text), len(back))
		}
		return nil
	})
}

func (b *bench) readsBack(ctx context.Context) verdict {
	return b.roundTrip(ctx, "TRYREAD", []byte("社会保障卡\n"))
}

func (b *bench) anyBytes(ctx context.Context) verdict {
	every := make([]byte, 512)
	for i := range every {
		every[i] = byte(i)
	}
	return b.roundTrip(ctx, "TRYBYTES", append(every, "\r\n\n\r\x1a"...))
}

func (b *bench) bears(ctx context.Context) verdict {
	text := make([]byte, large)
	_, _ = rand.Read(text) // never fails
	return b.roundTrip(ctx, "TRYLARGE", text)
}

func (b *bench) resumes(ctx context.Context) verdict {
	name, whole := b.temporary("TRYRESUME"), bytes.Repeat([]byte("0123456789\n"), 50)
	return b.holds(ctx, Words{"已重写", "written again"}, func(c *sftp.Client) error {
		drop(c, name)
		defer drop(c, name)
		if err := put(c, name, whole[:len(whole)/2]); err != nil {
			return err
		}
		if err := put(c, name, whole); err != nil {
			return err
		}
		return sized(c, name, len(whole))
	})
}

// sized wants a file to have a size, which can be asked for also where nothing is read twice.
func sized(c *sftp.Client, name string, size int) error {
	files, err := list(c, "test/inbox")
	if err != nil {
		return err
	}
	info, there := files[plain(name[len("test/inbox/"):])]
	if !there {
		return fmt.Errorf("%w: %s", os.ErrNotExist, name)
	}
	if info.Size() != int64(size) {
		return odd("大小是 %[1]d 字节，应为 %[2]d", "it has %[1]d bytes instead of %[2]d", info.Size(), size)
	}
	return nil
}

func (b *bench) posixRename(ctx context.Context) verdict {
	if b.atHome() {
		return idle("账户在中心的网关上", "the account is in our gateway")
	}
	return b.holds(ctx, Words{"支持", "offered"}, func(c *sftp.Client) error {
		if _, able := c.HasExtension("posix-rename@openssh.com"); !able {
			return odd("没有 posix-rename@openssh.com", "posix-rename@openssh.com is not offered")
		}
		return nil
	})
}

func (b *bench) replaces(ctx context.Context) verdict {
	from, to := b.temporary("TRYNEW"), b.temporary("TRYOLD")
	v := verdict{}
	err := b.wire.use(ctx, func(c *sftp.Client) error {
		if _, able := c.HasExtension("posix-rename@openssh.com"); !able {
			v = idle("没有 posix-rename", "there is no posix-rename")
			return nil
		}
		drop(c, from)
		drop(c, to)
		defer drop(c, from)
		defer drop(c, to)
		if err := errors.Join(put(c, from, []byte("new content\n")), put(c, to, []byte("old\n"))); err != nil {
			return err
		}
		if err := move(c, from, to); err != nil {
			return err
		}
		v = pass("已覆盖", "replaced")
		return sized(c, to, len("new content\n"))
	})
	if err != nil {
		return failed(Words{"未能覆盖：", ""}, err)
	}
	return v
}
