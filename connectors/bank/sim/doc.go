// Package sim is a simulated bank: it opens accounts, activates them and tells what became of requests. It reads the
// partner files by itself and shares no code with the hub's bank connector. Like a real bank it does not protect the hub:
// a person who is sent twice in two files gets two accounts, and both stand in its ledger.
package sim
