package main

import (
	"crypto/rand"
	"fmt"
	"path/filepath"

	"github.com/emmansun/gmsm/sm2"

	"onecard/card"
	"onecard/connectors/exchange"
)

// approverKey is where an approver's key lies when nobody names another file.
func (s *settings) approverKey(name string, role card.Role) string {
	return filepath.Join(s.dir, "approvers", fmt.Sprintf("%s-%s.pem", name, role))
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
