package gateway

import (
	"net"
	"sync"
	"time"
)

// door keeps the connections that have not logged in, and bounds how many there are and how fast they come.
type door struct {
	limits Limits

	mu      sync.Mutex
	waiting map[net.Conn]string // with their addresses
	callers map[string]*caller
	closed  bool
}

// caller is an address that connections come from.
type caller struct {
	waiting int
	rate    *bucket
}

// maxCallers is when addresses that have behaved are forgotten.
const maxCallers = 4096

func newDoor(limits Limits) *door {
	return &door{limits: limits, waiting: make(map[net.Conn]string), callers: make(map[string]*caller)}
}

// enter lets a connection try to log in, unless there are too many; leave ends its stay at the door.
func (d *door) enter(conn net.Conn, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	address := addressOf(conn)
	c := d.caller(address, now)
	if d.closed || len(d.waiting) >= d.limits.Logins || c.waiting >= d.limits.AddressLogins || !c.rate.try(now, 1) {
		return false
	}
	c.waiting++
	d.waiting[conn] = address
	return true
}

func (d *door) caller(address string, now time.Time) *caller {
	if c := d.callers[address]; c != nil {
		return c
	}
	if len(d.callers) >= maxCallers {
		d.forget(now)
	}
	perMinute := float64(d.limits.ConnectionsPerMinute)
	c := &caller{rate: newBucket(perMinute/60, perMinute)}
	d.callers[address] = c
	return c
}

func (d *door) forget(now time.Time) {
	for address, c := range d.callers {
		if c.waiting == 0 && c.rate.full(now) {
			delete(d.callers, address)
		}
	}
}

func (d *door) leave(conn net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if address, here := d.waiting[conn]; here {
		d.callers[address].waiting--
		delete(d.waiting, conn)
	}
}

// close sends everybody away who waits, and whoever comes.
func (d *door) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	for conn := range d.waiting {
		hangUp(conn)
	}
}

// addressOf is the other side's address without its port.
func addressOf(conn net.Conn) string {
	host, _, err := net.SplitHostPort(conn.RemoteAddr().String())
	if err != nil {
		return conn.RemoteAddr().String()
	}
	return host
}

// hangUp closes a connection; that the other side closed it before is no news.
func hangUp(conn net.Conn) { _ = conn.Close() }
