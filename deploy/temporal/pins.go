//go:build pins

// Package temporal pins the upstream programs that onecard builds when no Temporal address is given.
package temporal

import (
	_ "github.com/temporalio/ui-server/v2/cmd/server"
	_ "go.temporal.io/server/cmd/server"
	_ "go.temporal.io/server/cmd/tools/sql"
)
