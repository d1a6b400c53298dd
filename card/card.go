// Package card is the domain of the social-security-card hub: people, cards, numbers, states, reasons and files, as the
// programme names them. It imports the standard library only.
package card
