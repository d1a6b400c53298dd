package cluster

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const (
	mib = int64(1) << 20
	gib = int64(1) << 30
)

// Machine is what the settings are sized from, in bytes.
type Machine struct {
	Memory     int64 // RAM, or the limit of our control group when that is less
	FreeDisk   int64 // free space where the data lie
	SharedTemp int64 // size of /dev/shm, which containers often keep at 64 MiB
}

// Tuned returns the settings of a cluster that keeps every committed row and is meant for large set-based batches.
func Tuned(m Machine) map[string]string {
	s := map[string]string{
		"shared_buffers":           size(clamp(m.Memory/4, 128*mib, 8*gib)),
		"effective_cache_size":     size(max(m.Memory/2, 256*mib)),
		"work_mem":                 size(clamp(m.Memory/256, 8*mib, 64*mib)),
		"maintenance_work_mem":     size(clamp(m.Memory/16, 64*mib, 512*mib)),
		"max_wal_size":             size(clamp(m.FreeDisk/4, 1*gib, 8*gib)),
		"min_wal_size":             size(clamp(m.FreeDisk/16, 80*mib, 1*gib)),
		"wal_buffers":              "64MB",
		"wal_compression":          "lz4",
		"checkpoint_timeout":       "30min",
		"effective_io_concurrency": "200",
		"random_page_cost":         "1.1",
		"max_connections":          "200",
		"jit":                      "off",
	}
	if m.SharedTemp < 1*gib {
		s["dynamic_shared_memory_type"] = "sysv"
	}
	return s
}

// base are the settings that every cluster has: private to this machine, and silent about the data in its log, because
// statements and details of errors hold keys and values.
func base(port int) map[string]string {
	return map[string]string{ //nolint:gosec // password_encryption names a method
		"listen_addresses":        "127.0.0.1",
		"port":                    strconv.Itoa(port),
		"unix_socket_directories": "",
		"password_encryption":     "scram-sha-256",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"log_destination":         "stderr",
		"logging_collector":       "off",
		"log_error_verbosity":     "terse",
		"log_min_error_statement": "panic",
		"cluster_name":            "onecard",
	}
}

// disposable trades safety for speed: the data are worth nothing once the process ends.
func disposable() map[string]string {
	return map[string]string{
		"fsync":              "off",
		"synchronous_commit": "off",
		"full_page_writes":   "off",
		"shared_buffers":     "128MB",
		"max_wal_size":       "1GB",
		"wal_buffers":        "4MB",
		"log_checkpoints":    "off",
	}
}

// settings merges what c asks for, later ones winning, except that nothing may open the cluster to the network.
func (c Config) settings(m Machine, port int) map[string]string {
	s := Tuned(m)
	if c.Disposable {
		maps.Copy(s, disposable())
	}
	maps.Copy(s, c.Settings)
	maps.Copy(s, base(port))
	return s
}

// render writes settings as postgresql.conf, in order of name.
func render(settings map[string]string) string {
	var b strings.Builder
	b.WriteString("# Written by onecard at every start; changes made here do not last.\n")
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&b, "%s = '%s'\n", name, strings.ReplaceAll(settings[name], "'", "''"))
	}
	return b.String()
}

func size(bytes int64) string { return strconv.FormatInt(bytes/mib, 10) + "MB" }

func clamp(v, low, high int64) int64 { return max(low, min(v, high)) }
