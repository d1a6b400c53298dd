// Package sim is a simulated card bureau: it checks the chip records of a production file against the printed data, makes
// the cards in name, and answers with their identification codes. It shares no code with the hub's bureau connector.
package sim
