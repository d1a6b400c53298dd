package sim

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

// Config says where a Server listens and whom it lets in.
type Config struct {
	// Address is host:port; port 0 takes a free one.
	Address string
	// Root is the account's folder. Listen makes it, with inbox/, outbox/ and a done/ in each.
	Root string
	// HostKeyFile holds the server's Ed25519 key (OpenSSH PEM); it is made when missing, so that a restart keeps the key.
	HostKeyFile string
	// User is the only account; empty lets any user name in.
	User string
	// AuthorizedKeys are the keys that may log in, in the form of an authorized_keys file.
	AuthorizedKeys []byte
	// Profile is what kind of a server it is; the zero value is an obliging one.
	Profile Profile
	// Faults are armed from the start; more can be added with Inject.
	Faults []Fault
	// Renamed is told the new path (slash-separated, relative to Root) after each rename by a client. It must not block.
	Renamed func(path string)
}

// Server is an SSH server with nothing but SFTP, jailed to one folder.
type Server struct {
	cfg      Config
	root     *os.Root
	host     ssh.PublicKey
	ssh      *ssh.ServerConfig
	listener net.Listener
	faults   faults
	traffic  *traffic
	closing  chan struct{}
	wg       sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]struct{}
	gone  bool
}

// Listen starts a server; it accepts connections when Listen returns and until Close.
func Listen(cfg Config) (*Server, error) {
	s := &Server{cfg: cfg, closing: make(chan struct{}), conns: map[net.Conn]struct{}{}, traffic: newTraffic()}
	if err := s.prepare(); err != nil {
		return nil, fmt.Errorf("sftp server: %w", err)
	}
	listener, err := net.Listen("tcp", cfg.Address)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sftp server: %w", err), s.root.Close())
	}
	s.listener = listener
	for _, f := range append(cfg.Profile.Faults[:len(cfg.Profile.Faults):len(cfg.Profile.Faults)], cfg.Faults...) {
		s.faults.add(f)
	}
	s.wg.Go(s.accept)
	return s, nil
}

func (s *Server) prepare() error {
	signer, err := hostKey(s.cfg.HostKeyFile)
	if err != nil {
		return err
	}
	keys, err := authorized(s.cfg.AuthorizedKeys)
	if err != nil {
		return err
	}
	s.host = signer.PublicKey()
	s.ssh = s.cfg.Profile.Door.config(s.cfg.User, keys)
	s.ssh.AddHostKey(signer)
	s.root, err = openFolders(s.cfg.Root)
	return err
}

func openFolders(dir string) (*os.Root, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"inbox/done", "outbox/done"} {
		if err := root.MkdirAll(name, 0o700); err != nil {
			return nil, errors.Join(err, root.Close())
		}
	}
	return root, nil
}

func doorkeeper(user string, keys [][]byte) func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) {
	return func(meta ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if user != "" && meta.User() != user {
			return nil, errors.New("no such account")
		}
		for _, k := range keys {
			if bytes.Equal(k, key.Marshal()) {
				return &ssh.Permissions{}, nil
			}
		}
		return nil, errors.New("key is not authorized")
	}
}

// Addr returns host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// HostKey returns the server's public key as one line, "ssh-ed25519 AAAA…", without a line feed.
func (s *Server) HostKey() string { return printed(s.host) }

func printed(key ssh.PublicKey) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
}

// Inject arms a fault beside those that are armed already, and returns what disarms it.
func (s *Server) Inject(f Fault) (disarm func()) { return s.faults.add(f) }

// Clear disarms every fault.
func (s *Server) Clear() { s.faults.clear() }

// CutAll drops every open connection; new ones are accepted.
func (s *Server) CutAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		hangUp(c)
	}
}

// Close stops listening, drops every connection and waits until all handlers have ended.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.gone {
		s.mu.Unlock()
		return nil
	}
	s.gone = true
	s.mu.Unlock()
	close(s.closing)
	err := s.listener.Close()
	s.CutAll()
	s.wg.Wait()
	return errors.Join(err, s.root.Close())
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		if _, struck := s.faults.strike(OpConnect, Refuse, "", 0, 0); struck || !s.enter(conn) {
			hangUp(conn)
			continue
		}
		s.wg.Go(func() {
			defer s.leave(conn)
			s.serve(conn)
		})
	}
}

func (s *Server) enter(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone || (s.cfg.Profile.OneConnection && len(s.conns) > 0) {
		return false
	}
	s.conns[c] = struct{}{}
	return true
}

func (s *Server) leave(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	hangUp(c)
}

// hangUp closes a connection; that it was closed by the other side before is no news.
func hangUp(c net.Conn) { _ = c.Close() }
