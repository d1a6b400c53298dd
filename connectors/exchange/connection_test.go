package exchange

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"onecard/card"
	"onecard/connectors/exchange/sim"
)

func TestPing(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	require.NoError(t, p.cfg.Check())
	require.NoError(t, p.Ping(t.Context(), "ICBC"))
	require.Equal(t, card.ReasonPartnerUnknown, card.ReasonOf(p.Ping(t.Context(), "ABC")))

	cut := p.lanes["ICBC"].idle[0].gone
	p.CutAll()
	<-cut
	p.Inject(sim.Fault{Op: sim.OpConnect, Do: sim.Refuse, Times: 1})
	require.Equal(t, card.Unavailable, card.KindOf(p.Ping(t.Context(), "ICBC")))
	require.NoError(t, p.Ping(t.Context(), "ICBC"), "dialled anew")
	require.NoError(t, os.Remove(filepath.Join(p.root, "outbox", "done")))
	require.NoError(t, os.Remove(filepath.Join(p.root, "outbox")))
	err := p.Ping(t.Context(), "ICBC")
	require.Equal(t, card.Unavailable, card.KindOf(err))
	require.ErrorContains(t, err, "outbox")
	require.NoError(t, p.Exchange.Close())
	require.ErrorIs(t, p.Ping(t.Context(), "ICBC"), errClosed)
}

func TestAnotherHostKeyIsFinal(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	key, err := ssh.NewPublicKey(&private.PublicKey)
	require.NoError(t, err)
	for title, line := range map[string]string{
		"same kind": newPartner(t).HostKey(), "other kind": string(ssh.MarshalAuthorizedKey(key)),
	} {
		x := p.reopen(t, func(c *Config) { c.Endpoints[0].HostKey = line })
		_, err := x.Publish(t.Context(), request(1), layout, content(sample(10)))
		require.Equal(t, card.Denied, card.KindOf(err), title)
		require.Equal(t, card.ReasonHostKeyDiffers, card.ReasonOf(err), title)
	}
	require.Nil(t, p.read(t, "inbox/"+request(1).Name()))
}

func TestStrangersLogin(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	other, _ := newLogin(t, t.TempDir())
	x := p.reopen(t, func(c *Config) { c.Endpoints[0].KeyFile = other })
	require.Equal(t, card.Unavailable, card.KindOf(x.Ping(t.Context(), "ICBC")), "the partner can mend it; nothing is lost")
	x = p.reopen(t, func(c *Config) { c.Endpoints[0].KeyFile = other + ".missing" })
	require.Equal(t, card.Internal, card.KindOf(x.Ping(t.Context(), "ICBC")))
}

func TestSilentServers(t *testing.T) {
	t.Parallel()
	mute, err := net.Listen("tcp", "127.0.0.1:0") // the kernel accepts, nobody speaks
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, mute.Close()) })
	p := newPartner(t, func(p *partner) { p.cfg.Silence = 50 * time.Millisecond })
	x := p.reopen(t, func(c *Config) {
		c.Endpoints[0].Address = mute.Addr().String()
		c.DialTimeout = 50 * time.Millisecond
	})
	require.Equal(t, card.Unavailable, card.KindOf(x.Ping(t.Context(), "ICBC")))

	f, text := request(1), sample(100_000)
	for _, op := range []sim.Op{sim.OpWrite, sim.OpRead, sim.OpRename, sim.OpList} {
		p.Inject(sim.Fault{Op: op, Do: sim.Delay, Wait: time.Hour})
		_, err = p.Publish(t.Context(), f, layout, content(text))
		if op == sim.OpList {
			_, err = p.List(t.Context(), "ICBC", card.Report)
		}
		require.Equal(t, card.Unavailable, card.KindOf(err), op)
		require.ErrorContains(t, err, "silent")
		p.Clear()
	}
	patient := p.reopen(t, func(c *Config) { c.Silence = time.Minute })
	_, err = patient.Publish(t.Context(), f, layout, content(text))
	require.NoError(t, err)
	p.requirePublished(t, f, text)
}

func TestKeepAliveFindsTheDead(t *testing.T) {
	t.Parallel()
	p := newPartner(t, func(p *partner) {
		p.cfg.KeepAlive, p.cfg.Silence = time.Millisecond, time.Second
	})
	require.NoError(t, p.Ping(t.Context(), "ICBC"))
	s := p.lanes["ICBC"].idle[0]
	require.False(t, s.dead())
	p.line.swallow(true)
	<-s.gone
	require.ErrorContains(t, *s.cause.Load(), "no sign of life")
	p.line.swallow(false)
	require.NoError(t, p.Ping(t.Context(), "ICBC"), "dialled anew")
}

func TestCheckNamesEveryFault(t *testing.T) {
	t.Parallel()
	p := newPartner(t)
	good := p.cfg.Endpoints[0]
	bad := Endpoint{Partner: "B/C", KeyFile: "missing", HostKey: "ssh-dss AAAA", SignKeyFile: good.KeyFile, VerifyKey: "04ff"}
	p.cfg.Endpoints = append(p.cfg.Endpoints, good, bad)
	err := p.cfg.Check()
	for _, part := range []string{"ICBC is there twice", "partner B/C", "FILE_NAME", "login key", "signature key", "verification key"} {
		require.ErrorContains(t, err, part)
	}
}
