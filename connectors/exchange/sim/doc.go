// Package sim is the partner's end of the file exchange: a real SFTP server that can be told to misbehave, and the
// runtime that a simulated partner needs to notice, check, answer and remember files. It is a second reading of the
// exchange protocol and shares no code with the hub's own.
package sim
