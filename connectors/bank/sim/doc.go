// Package sim is a simulated bank: it opens accounts, activates them and tells what became of requests; it keeps payers'
// money, blocks it and pays it out, once for each instruction. It reads the partner files by itself and shares no code with
// the hub's bank connector. Like a real bank it does not protect the hub: a person who is sent twice in two files gets two
// accounts, and one who is paid by two instructions gets the money twice; all of it stands in its ledger.
package sim
