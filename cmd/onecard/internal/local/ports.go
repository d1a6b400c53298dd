package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
)

const (
	// Ports are taken from below Linux's range for outgoing connections (32768 and up), so that a client that reconnects
	// cannot sit on the port of the server that is being started again.
	lowestPort, highestPort = 20000, 32767
	// tries bounds the search for a free port.
	tries = 1000
)

// ports remembers which port belongs to whom.
type ports struct {
	mu   sync.Mutex
	file string
	of   map[string]int
}

func loadPorts(file string) (*ports, error) {
	p := &ports{file: file, of: map[string]int{}}
	raw, err := os.ReadFile(file) //nolint:gosec // in the caller's own folder
	if errors.Is(err, os.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the ports: %w", err)
	}
	if err := json.Unmarshal(raw, &p.of); err != nil {
		return nil, fmt.Errorf("read the ports: %w", err)
	}
	return p, nil
}

// get returns the port of name, choosing a free one the first time.
func (p *ports) get(name string) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if port, ok := p.of[name]; ok {
		return port, nil
	}
	port, err := p.choose()
	if err != nil {
		return 0, fmt.Errorf("find a port for %s: %w", name, err)
	}
	p.of[name] = port
	raw, err := json.MarshalIndent(p.of, "", "  ")
	if err != nil {
		return 0, fmt.Errorf("remember the ports: %w", err)
	}
	return port, replace(p.file, append(raw, '\n'))
}

// names lists who has a port, in order.
func (p *ports) names() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.of))
}

func (p *ports) choose() (int, error) {
	taken := slices.Collect(maps.Values(p.of))
	for range tries {
		port := lowestPort + rand.IntN(highestPort-lowestPort+1) //nolint:gosec // not a secret
		if !slices.Contains(taken, port) && free(port) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("no port from %d to %d is free", lowestPort, highestPort)
}

// free reports whether the port can be listened on at this moment.
func free(port int) bool {
	l, err := net.Listen("tcp", address(port)) //nolint:noctx // returns at once
	if err != nil {
		return false
	}
	return l.Close() == nil
}

// address is the port on the only interface that we listen on.
func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
