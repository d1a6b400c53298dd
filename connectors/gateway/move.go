package gateway

import (
	"cmp"
	"errors"
	"path"
)

// move gives a partner's file another name: a draft in the outbox its own, or a file of the inbox a place in its done/.
func (a *account) move(from, to place, replace bool) error {
	switch {
	case from.isFolder() || to.isFolder() || from.file != to.file || from.manifest != to.manifest,
		from.notice != to.notice, from.trial != to.trial:
		return deny(denied, "only a draft gets its own name, and a file of inbox goes to done/")
	case from.folder == outbox && from.draft && to.folder == outbox && !to.draft:
		return a.publish(from, to, replace)
	case from.folder == inbox && to.folder == inboxDone:
		return a.putAway(from, to)
	default:
		return deny(denied, "only a draft gets its own name, and a file of inbox goes to done/")
	}
}

// publish gives a draft its own name. With its manifest a file becomes the hub's, so all of it is on the disk before, and
// nobody writes it any more.
func (a *account) publish(from, to place, replace bool) error {
	if err := a.settle(from); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.drafts[from.path()] != nil {
		return refuse(superseded, "the draft is being written again")
	}
	if err := a.mayPublish(to); err != nil {
		return err
	}
	if !replace {
		if there, err := a.has(to); err != nil || there {
			return cmp.Or(err, errExists)
		}
	}
	return a.rename(from, to)
}

// settle ends the writing of the draft at p and brings it to the disk.
func (a *account) settle(p place) error {
	a.mu.Lock()
	a.supersede(p)
	a.mu.Unlock()
	file, err := a.open(p)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// mayPublish refuses names that are the hub's, or were, and manifests of nothing. a.mu is held.
func (a *account) mayPublish(to place) error {
	declared, err := a.has(to.declaration())
	if err != nil || declared {
		return cmp.Or(err, errHubs)
	}
	before, err := a.wasTaken(to)
	if err != nil || before {
		return cmp.Or(err, errWasHubs)
	}
	if !to.manifest {
		return nil
	}
	if _, err := a.look(to.data()); err != nil {
		return deny(denied, "a manifest comes after its file")
	}
	return nil
}

// wasTaken tells whether the hub has moved the file of p to done/, or is about to.
func (a *account) wasTaken(p place) (bool, error) {
	p = p.in(outboxDone)
	return a.hasAny(p.data(), p.declaration())
}

// putAway moves what the partner has processed, file and manifest one after the other.
func (a *account) putAway(from, to place) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, err := a.look(from); err != nil {
		return err
	}
	declared, err := a.hasAny(from.declaration(), from.in(inboxDone).declaration())
	if err != nil {
		return err
	}
	if !declared {
		return deny(denied, "the hub is still writing this file")
	}
	if there, err := a.has(to); err != nil || there {
		return cmp.Or(err, errExists)
	}
	return a.rename(from, to)
}

func (a *account) rename(from, to place) error {
	if err := a.root.Rename(from.path(), to.path()); err != nil {
		return err
	}
	folder, err := a.root.Open(path.Dir(to.path()))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// remove deletes a draft, a file that is not declared, a manifest without its file, or what came back refused.
func (a *account) remove(p place) error {
	if p.isFolder() || p.folder != outbox && p.folder != outboxRefused {
		return deny(denied, "only drafts, undeclared files of outbox and refused files can be deleted")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, err := a.look(p); err != nil {
		return err
	}
	if p.folder == outbox && !p.draft {
		if err := a.mayWithdraw(p); err != nil {
			return err
		}
	}
	a.supersede(p)
	return a.root.Remove(p.path())
}

// mayWithdraw lets a partner take back what the hub does not see: a file or a manifest without the other. a.mu is held.
func (a *account) mayWithdraw(p place) error {
	other := p.declaration()
	if p.manifest {
		other = p.data()
	}
	hubs, err := a.has(other)
	if err == nil && !hubs {
		hubs, err = a.wasTaken(p)
	}
	if err != nil || hubs {
		return cmp.Or(err, errHubs)
	}
	return nil
}
