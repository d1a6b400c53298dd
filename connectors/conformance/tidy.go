package conformance

import (
	"context"
	"strings"
	"time"

	"github.com/pkg/sftp"
)

// repeat asks until done says so, or the wait is over.
func (b *bench) repeat(ctx context.Context, wait time.Duration, done func() bool) {
	for until := time.Now().Add(wait); !done() && time.Now().Before(until); {
		select {
		case <-time.After(b.Look):
		case <-ctx.Done():
			return
		}
	}
}

// tidy takes back what nobody was to take, and moves the answers and notices of this test to done/, as far as the server lets
// us: the next test begins with empty folders.
func (b *bench) tidy(ctx context.Context) {
	if b.shut != "" {
		return
	}
	_ = b.wire.use(ctx, func(c *sftp.Client) error { // what stays does no harm
		if x := b.good.bare; x != nil && x.fate == waiting {
			if move(c, "test/inbox/"+x.name, "test/inbox/"+x.name+".tmp") == nil {
				drop(c, "test/inbox/"+x.name+".tmp")
			}
		}
		files, err := list(c, "test/inbox")
		for name, info := range files {
			if strings.HasSuffix(name, ".tmp") {
				drop(c, "test/inbox/"+info.Name())
			}
		}
		if err != nil {
			return err
		}
		files, err = list(c, "test/outbox")
		for name := range files {
			if !strings.HasPrefix(name, b.Endpoint.Partner+"_") && !strings.HasSuffix(name, ".err") {
				continue // nothing of the exchange's
			}
			_ = move(c, "test/outbox/"+name, "test/outbox/done/"+name)
		}
		return err
	})
}
