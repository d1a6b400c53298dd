// Package onecard is the integration hub of a provincial social-security-card programme. The code is in the folders:
// card is the domain, workflows the processes, activities their steps, connectors whom they talk to, cmd the programs.
// The root holds nothing but the test of who may import whom.
package onecard
