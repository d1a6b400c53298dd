package sim

import (
	"encoding/binary"
	"io"
)

// veil leaves an extension out of what the server says, in its first packet, that it can do.
type veil struct {
	io.ReadWriteCloser
	hidden string
	first  []byte
	past   bool
}

// Write holds the first packet back until it is complete.
func (v *veil) Write(p []byte) (int, error) {
	if v.past {
		return v.ReadWriteCloser.Write(p)
	}
	v.first = append(v.first, p...)
	if len(v.first) < 4 || len(v.first)-4 < int(binary.BigEndian.Uint32(v.first)) {
		return len(p), nil
	}
	v.past = true
	_, err := v.ReadWriteCloser.Write(without(v.first, v.hidden))
	return len(p), err
}

// versionHead is the length of an SSH_FXP_VERSION packet before its extensions: length, type, version.
const versionHead = 4 + 1 + 4

// without rebuilds an SSH_FXP_VERSION packet, whose extensions are pairs of strings, without the one that is called hidden.
func without(packet []byte, hidden string) []byte {
	out := append([]byte(nil), packet[:versionHead]...)
	for rest := packet[versionHead:]; len(rest) > 0; {
		pair := extent(rest) + extent(rest[extent(rest):])
		if string(rest[4:extent(rest)]) != hidden {
			out = append(out, rest[:pair]...)
		}
		rest = rest[pair:]
	}
	binary.BigEndian.PutUint32(out, uint32(len(out)-4)) //nolint:gosec // a packet of our own, some hundred bytes
	return out
}

// extent is how many bytes the string at the beginning of p takes, its length included.
func extent(p []byte) int { return 4 + int(binary.BigEndian.Uint32(p)) }
