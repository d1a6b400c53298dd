package main

import (
	bank "onecard/connectors/bank/sim"
	bureau "onecard/connectors/bureau/sim"
	civil "onecard/connectors/civil/sim"
	exchange "onecard/connectors/exchange/sim"
	outlet "onecard/connectors/outlet/sim"
)

// newOffice is the business of the partner of this name, which keeps its things in dir; payers are all that hold money at banks.
func newOffice(name, dir string, payers exchange.Purses) (exchange.Office, error) {
	switch kindOf(name) {
	case "bureau":
		return bureau.New()
	case "civil":
		return civil.New(registerOf(dir)), nil
	case "outlet":
		return outlet.New(), nil
	default:
		return newBank(name, dir, payers)
	}
}

func newBank(name, dir string, payers exchange.Purses) (exchange.Office, error) {
	b, err := bank.New(name, payersOf(name, payers)...)
	if err != nil {
		return nil, err
	}
	b.DepositsAt(depositsOf(dir, name))
	return b, nil
}

// payersOf are a bank's payers: those of the rules file, or else one with a full account.
func payersOf(name string, payers exchange.Purses) []bank.Payer {
	var own []bank.Payer
	for _, p := range payers.Of(name) {
		own = append(own, bank.Payer{Account: p.Account, Fen: p.Fen})
	}
	if len(own) == 0 {
		own = []bank.Payer{{Account: bank.PayerAccount(name), Fen: bank.DefaultFen}}
	}
	return own
}

// payerAccounts are the numbers of a bank's payers' accounts, and nothing of other partners.
func payerAccounts(name string, payers exchange.Purses) []string {
	if kindOf(name) != "bank" {
		return nil
	}
	var numbers []string
	for _, p := range payersOf(name, payers) {
		numbers = append(numbers, p.Account)
	}
	return numbers
}
