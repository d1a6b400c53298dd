package config

import (
	"slices"
	"strings"
	"time"

	"onecard/connectors/conformance"
	"onecard/connectors/exchange"
)

// Server is what a partner tells of its own server because nobody can find it out by asking the server.
type Server struct {
	Manifests  string        `toml:"manifests"`     // "none" when files are not declared by manifests; empty when they are
	Stillness  time.Duration `toml:"stillness"`     // without manifests: between two looks at a file that must not differ; 0 for 10 s
	Packet     int           `toml:"packet"`        // bytes of one read or write; 0 for 32,768
	ReadOnce   bool          `toml:"read_once"`     // a file can be read once only
	LooseNames bool          `toml:"loose_names"`   // names come in capitals, or with spaces at their ends
	OneAtATime bool          `toml:"one_at_a_time"` // one connection with one open file
	Known      []string      `toml:"known"`         // habits that the hub copes with by itself, so that a test does not blame them
}

const (
	minPacket = 1 << 10
	maxPacket = 255 << 10
)

// Declares tells whether the partner declares its files by signed manifests.
func (s Server) Declares() bool { return s.Manifests != string(exchange.ManifestsNone) }

// Quirks are the habits of the server, for the exchange.
func (s Server) Quirks() exchange.Quirks {
	return exchange.Quirks{ReadOnce: s.ReadOnce, LooseNames: s.LooseNames, OneAtATime: s.OneAtATime}
}

func (s Server) check(r *rules) {
	r.must(s.Manifests == "" || !s.Declares(), "server.manifests", "must be \"none\", or nothing when files are declared by manifests")
	r.must(s.Stillness >= 0, "server.stillness", "must not be negative")
	for _, habit := range s.Known {
		r.must(slices.Contains(conformance.KnownHabits(), habit), "server.known", "%q is no habit that can be declared; there are %s",
			habit, strings.Join(conformance.KnownHabits(), ", "))
	}
	r.must(s.Packet == 0 || (s.Packet >= minPacket && s.Packet <= maxPacket), "server.packet", "must be within %d and %d", minPacket, maxPacket)
}
