package sim

import (
	"io"
	"net"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// handshake bounds the time that a connection may take to log in.
const handshake = 30 * time.Second

// serve runs one connection to its end. Errors end the connection: the client sees them on the wire, as with any server.
func (s *Server) serve(conn net.Conn) {
	if err := conn.SetDeadline(time.Now().Add(handshake)); err != nil {
		return
	}
	link, channels, requests, err := ssh.NewServerConn(conn, s.ssh)
	if err != nil {
		return
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		return
	}
	s.wg.Go(func() { ssh.DiscardRequests(requests) })
	for offer := range channels {
		s.open(conn, offer)
	}
	_ = link.Wait()
}

func (s *Server) open(conn net.Conn, offer ssh.NewChannel) {
	if offer.ChannelType() != "session" && (offer.ChannelType() != "direct-tcpip" || !s.cfg.Profile.Door.Tunnel) {
		_ = offer.Reject(ssh.UnknownChannelType, "sftp only")
		return
	}
	channel, requests, err := offer.Accept()
	if err != nil {
		return
	}
	s.wg.Go(func() { s.session(conn, channel, requests) })
}

// session waits for the one request that it grants: the sftp subsystem.
func (s *Server) session(conn net.Conn, channel ssh.Channel, requests <-chan *ssh.Request) {
	for r := range requests {
		// The payload is an SSH string: four bytes of length, then the subsystem's name.
		granted := r.Type == "subsystem" && len(r.Payload) > 4 && string(r.Payload[4:]) == "sftp" && !s.cfg.Profile.Door.NoSFTP
		if r.WantReply {
			_ = r.Reply(granted || (r.Type == "exec" && s.cfg.Profile.Door.Shell), nil)
		}
		if granted {
			s.wg.Go(func() { s.sftp(conn, channel) })
		}
	}
}

func (s *Server) sftp(conn net.Conn, channel ssh.Channel) {
	j := &jail{server: s, conn: conn}
	var wire io.ReadWriteCloser = channel
	if s.cfg.Profile.NoPosixRename {
		wire = &veil{ReadWriteCloser: channel, hidden: "posix-rename@openssh.com"}
	}
	server := sftp.NewRequestServer(wire, sftp.Handlers{FileGet: j, FilePut: j, FileCmd: j, FileList: j})
	_ = server.Serve() // ends with the connection; what went wrong was said on the wire
	_ = channel.Close()
}
