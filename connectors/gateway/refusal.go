package gateway

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"github.com/pkg/sftp"
)

// outcome is how an operation ended, as the audit and the counters have it.
type outcome string

const (
	done        outcome = "ok"
	absent      outcome = "absent"      // there is no such file
	badName     outcome = "name"        // the path is none of the exchange's
	denied      outcome = "denied"      // this may not be done there
	taken       outcome = "taken"       // the file is the hub's, or was
	overQuota   outcome = "quota"       // it would be too much
	superseded  outcome = "superseded"  // the draft was renamed, deleted or opened anew
	unsupported outcome = "unsupported" // there is no such operation here
	cutOff      outcome = "cut"         // the session ended in the middle
	failed      outcome = "failed"      // the gateway's own fault, its disk above all
)

// refusal is an operation that was not done, and why, for the client, the audit and the counters.
type refusal struct {
	outcome outcome
	text    string
	status  error // of the SFTP protocol; nil for its "failure"
}

func (r *refusal) Error() string { return r.text }
func (r *refusal) Unwrap() error { return r.status }

func refuse(o outcome, text string) error { return &refusal{o, text, nil} }
func deny(o outcome, text string) error   { return &refusal{o, text, sftp.ErrSSHFxPermissionDenied} }

var (
	errAbsent  = &refusal{absent, "no such file", sftp.ErrSSHFxNoSuchFile}
	errExists  = refuse(denied, "the name is taken")
	errName    = deny(badName, "only inbox, outbox, their done, outbox/refused, the same in test, and files of the exchange's own names in them")
	errForeign = deny(denied, "files are written as drafts, <name>.tmp, in outbox only")
	errHubs    = deny(taken, "the file has its manifest: it is the hub's until it comes back to refused/")
	errWasHubs = deny(taken, "the hub took a file of this name before; use the next sequence number")
	errCommand = &refusal{unsupported, "not supported here", sftp.ErrSSHFxOpUnsupported}

	errTooLarge   = refuse(overQuota, "the file is larger than is taken")
	errFullBytes  = refuse(overQuota, "your files in outbox would be more bytes than your quota")
	errFullFiles  = refuse(overQuota, "your files in outbox would be more than your quota")
	errHandles    = refuse(overQuota, "too many files are open in this session")
	errSuperseded = refuse(superseded, "the draft was renamed, deleted or opened anew since it was opened")
)

// Why sessions end before their clients want it.
var (
	errStopping = errors.New("the gateway stops")
	errRevoked  = errors.New("the login key is no longer valid")
	errIdle     = errors.New("idle for too long")
	errGone     = errors.New("the connection has ended")
)

// classify makes a refusal of whatever went wrong; what the client is told never comes from the operating system.
func classify(err error) *refusal {
	var known *refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case errors.Is(err, fs.ErrNotExist):
		return errAbsent
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return &refusal{failed, "the gateway's disk is full", nil}
	case errors.Is(err, context.Canceled):
		return &refusal{cutOff, "the session ends", sftp.ErrSSHFxConnectionLost}
	}
	for _, end := range []error{errStopping, errRevoked, errIdle, errGone} {
		if errors.Is(err, end) {
			return &refusal{cutOff, end.Error(), sftp.ErrSSHFxConnectionLost}
		}
	}
	return &refusal{failed, "the gateway failed; its operators see why", nil}
}
