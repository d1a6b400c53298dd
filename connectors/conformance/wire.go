package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path"
	"strings"
	"syscall"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"onecard/connectors/exchange"
)

const (
	dialWithin  = 15 * time.Second
	freeWithin  = 3 * time.Second // until a server notices that the connection before has ended
	callsWithin = 2 * time.Minute // for all that is done on one connection
)

// wire is the way to the account: each use is a connection of its own, because some servers bear only one.
type wire struct{ exchange.Endpoint }

// use runs do on a connection of its own.
func (w wire) use(ctx context.Context, do func(*sftp.Client) error) error {
	if w.Directory != "" {
		return atHome(w.Directory, do)
	}
	cfg, err := exchange.ClientConfig(w.Endpoint)
	if err != nil {
		return err
	}
	login, err := w.login(ctx, cfg)
	if err != nil {
		return err
	}
	defer login.Close() //nolint:errcheck // what counted was done on it
	stop := time.AfterFunc(callsWithin, func() { _ = login.Close() })
	defer stop.Stop()
	files, err := sftp.NewClient(login, sftp.MaxPacketUnchecked(w.packet()))
	if err != nil {
		return fmt.Errorf("start SFTP: %w", err)
	}
	defer files.Close() //nolint:errcheck // as above
	return do(files)
}

func (w wire) packet() int {
	if w.Packet == 0 {
		return 32 << 10
	}
	return w.Packet
}

// login connects and logs in, and tries again for a while where the server ends the connection without a word.
func (w wire) login(ctx context.Context, cfg *ssh.ClientConfig) (*ssh.Client, error) {
	for until := time.Now().Add(freeWithin); ; {
		c, err := w.loginOnce(ctx, cfg)
		if err == nil || !cutOff(err) || time.Now().After(until) {
			return c, err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return nil, err
		}
	}
}

func (w wire) loginOnce(ctx context.Context, cfg *ssh.ClientConfig) (*ssh.Client, error) {
	dialer := net.Dialer{Timeout: dialWithin}
	conn, err := dialer.DialContext(ctx, "tcp", w.Address)
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(time.Now().Add(dialWithin)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	secured, channels, requests, err := ssh.NewClientConn(conn, w.Address, cfg)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return ssh.NewClient(secured, channels, requests), conn.SetDeadline(time.Time{})
}

// cutOff tells that the other side ended the connection without a word.
func cutOff(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// atHome serves the folder of a partner that logs in to us as its server would.
func atHome(dir string, do func(*sftp.Client) error) error {
	ours, theirs := net.Pipe()
	server, err := sftp.NewServer(theirs, sftp.WithServerWorkingDirectory(dir))
	if err != nil {
		return err
	}
	go func() { _ = server.Serve() }()
	defer server.Close() //nolint:errcheck // nothing is under way
	files, err := sftp.NewClientPipe(ours, ours)
	if err != nil {
		return err
	}
	defer files.Close() //nolint:errcheck // as above
	return do(files)
}

// plain is how the exchange writes a name that a server shows in capitals or with spaces at its end.
func plain(name string) string {
	stem, end, dotted := strings.Cut(strings.TrimRight(name, " "), ".")
	if !dotted {
		return strings.ToUpper(stem)
	}
	return strings.ToUpper(stem) + "." + strings.ToLower(end)
}

// list returns the files of a folder: what the server calls each, by its plain name.
func list(c *sftp.Client, dir string) (map[string]os.FileInfo, error) {
	entries, err := c.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	found := make(map[string]os.FileInfo, len(entries))
	for _, e := range entries {
		if !e.IsDir() {
			found[plain(e.Name())] = e
		}
	}
	return found, nil
}

// called is the path of a file as the server calls it.
func called(c *sftp.Client, name string) (string, error) {
	if _, err := c.Lstat(name); err == nil {
		return name, nil
	}
	files, err := list(c, path.Dir(name))
	if err != nil {
		return "", err
	}
	if info, ok := files[plain(path.Base(name))]; ok {
		return path.Join(path.Dir(name), info.Name()), nil
	}
	return "", fmt.Errorf("find %s: %w", name, os.ErrNotExist)
}

// put writes a file under its name; what an earlier test left there is replaced.
func put(c *sftp.Client, name string, text []byte) error {
	f, err := c.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return fmt.Errorf("write %s: %w", path.Base(name), err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path.Base(name), err)
	}
	return nil
}

// get reads a file, at most 4 MiB of it.
func get(c *sftp.Client, name string) ([]byte, error) {
	there, err := called(c, name)
	if err != nil {
		return nil, err
	}
	f, err := c.Open(there)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path.Base(name), err)
	}
	text, err := io.ReadAll(io.LimitReader(f, 4<<20))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", path.Base(name), err)
	}
	return text, nil
}

// move renames a file, over one that is there where the server can do that.
func move(c *sftp.Client, from, to string) error {
	there, err := called(c, from)
	if err != nil {
		return err
	}
	if _, able := c.HasExtension("posix-rename@openssh.com"); able {
		return c.PosixRename(there, to)
	}
	return c.Rename(there, to)
}

// drop removes a temporary file of ours, as far as the server lets us; tidy looks for what stays.
func drop(c *sftp.Client, name string) { _ = c.Remove(name) }
