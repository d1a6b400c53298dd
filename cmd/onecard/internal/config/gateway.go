package config

import "time"

// Gateway is the SFTP server for the partners that log in to us, those with login_keys.
type Gateway struct {
	Listen              string        `toml:"listen"`                // host:port
	HostKeyFile         string        `toml:"host_key_file"`         // OpenSSH private key that nobody else may read
	Root                string        `toml:"root"`                  // folder with one account per partner
	AuditFile           string        `toml:"audit_file"`            // JSON lines, appended to
	FileBytes           int           `toml:"file_bytes"`            // the largest file
	QuotaBytes          int           `toml:"quota_bytes"`           // of one partner's files that the hub has not taken
	QuotaFiles          int           `toml:"quota_files"`           // how many these may be
	BytesPerSecond      int           `toml:"bytes_per_second"`      // of one partner
	OperationsPerSecond int           `toml:"operations_per_second"` // of one partner
	Sessions            int           `toml:"sessions"`              // of all partners at once
	PartnerSessions     int           `toml:"partner_sessions"`      // of one partner at once
	LoginWithin         time.Duration `toml:"login_within"`
	IdleAfter           time.Duration `toml:"idle_after"` // a session that asks for nothing is ended
}

// defaultGateway listens on this machine only: who opens it to others should have meant to.
func defaultGateway() Gateway {
	return Gateway{
		Listen: "127.0.0.1:8022", HostKeyFile: "gateway.key", Root: "gateway", AuditFile: "gateway-audit.log",
		FileBytes: 1 << 30, QuotaBytes: 8 << 30, QuotaFiles: 2000, BytesPerSecond: 256 << 20, OperationsPerSecond: 200,
		Sessions: 1024, PartnerSessions: 8, LoginWithin: 20 * time.Second, IdleAfter: 10 * time.Minute,
	}
}

func (g Gateway) wrong() []fault {
	r := rules{table: "gateway"}
	r.must(isAddress(g.Listen), "listen", "must be host:port")
	for _, need := range []struct{ key, value string }{
		{"host_key_file", g.HostKeyFile}, {"root", g.Root}, {"audit_file", g.AuditFile},
	} {
		r.must(need.value != "", need.key, "is missing")
	}
	for _, need := range []struct {
		key   string
		value int
	}{
		{"file_bytes", g.FileBytes}, {"quota_bytes", g.QuotaBytes}, {"quota_files", g.QuotaFiles},
		{"bytes_per_second", g.BytesPerSecond}, {"operations_per_second", g.OperationsPerSecond},
		{"sessions", g.Sessions}, {"partner_sessions", g.PartnerSessions},
	} {
		r.must(need.value >= 1, need.key, "must be at least 1")
	}
	r.must(g.LoginWithin >= time.Second, "login_within", "must be at least 1s")
	r.must(g.IdleAfter >= time.Second, "idle_after", "must be at least 1s")
	return r.faults
}

// LogsIn tells whether the partner has no server of its own but logs in to our gateway.
func (p Partner) LogsIn() bool { return len(p.LoginKeys) > 0 }

// checkWay wants one way to the partner: its server, or its keys for ours.
func (p Partner) checkWay(r *rules) {
	if p.LogsIn() {
		for _, other := range []struct{ key, value string }{{"address", p.Address}, {"user", p.User}, {"host_key", p.HostKey}} {
			r.must(other.value == "", other.key, "is for a partner's own server; this one has login_keys and logs in to ours")
		}
		return
	}
	r.must(isAddress(p.Address), "address", "must be host:port")
	r.must(p.User != "", "user", "is missing")
	r.must(p.HostKey != "", "host_key", "is missing: no server is trusted unseen")
}
