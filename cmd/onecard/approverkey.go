package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/emmansun/gmsm/sm2"

	"onecard/card"
	"onecard/connectors/exchange"
)

// approverKey is where an approver's key lies when nobody names another file.
func (s *settings) approverKey(name string, role card.Role) string {
	return filepath.Join(s.dir, "approvers", fmt.Sprintf("%s-%s.pem", name, role))
}

// makeApproverKey makes an SM2 key pair in file, mode 0600, and returns the public key as a point. A key that is there already
// is taken as it is: it is never replaced.
func makeApproverKey(file string) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of approvers' keys: %w", err)
	}
	public, err := exchange.GenerateKey(file)
	if errors.Is(err, fs.ErrExist) {
		public, err = exchange.PublicKey(file)
	}
	if err != nil {
		return nil, err
	}
	return hex.DecodeString(public)
}

// signApproval signs the approval of the content with the hash, in a role, with the SM2 key in the file (PKCS #8 in PEM).
func signApproval(file string, id card.RolloutID, role card.Role, hash []byte) ([]byte, error) {
	key, err := exchange.LoadKey(file)
	if err != nil {
		return nil, card.E(card.Denied, "read the approver's key", card.ReasonApprovalForged, err)
	}
	signature, err := key.Sign(rand.Reader, card.ApprovalText(id, role, hash), sm2.NewSM2SignerOption(true, nil))
	if err != nil {
		return nil, fmt.Errorf("sign the approval: %w", err)
	}
	return signature, nil
}
