#!/bin/sh
# Builds golangci-lint and workflowcheck from the pins in go.mod and puts them into the folder given.
# What was built is kept in the user's cache folder under a key made from the pins and the Go version, so that another
# clone, or a `make clean`, does not build it again.
set -eu
into=${1:?give the folder for the tools}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$into"
into=$(cd "$into" && pwd)
cd "$here"

key=$({ go env GOVERSION GOOS GOARCH; cat go.mod go.sum pins.go; } | sha256sum | cut -c1-16)
cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/onecard/tools-$key

if [ ! -x "$cache/golangci-lint" ] || [ ! -x "$cache/workflowcheck" ]; then
	echo "building golangci-lint and workflowcheck, which takes two to five minutes, once" >&2
	mkdir -p "$(dirname "$cache")"
	new=$(mktemp -d "$cache.XXXXXX")
	trap 'rm -rf "$new"' EXIT
	# Their own module stands apart: a workspace or vendor setting of the caller's must not reach it.
	GOFLAGS=-mod=readonly GOWORK=off go build -trimpath -tags pins -o "$new/" \
		github.com/golangci/golangci-lint/v2/cmd/golangci-lint \
		go.temporal.io/sdk/contrib/tools/workflowcheck
	chmod 755 "$new"
	rm -rf "$cache"
	mv "$new" "$cache"
fi
ln -sf "$cache/golangci-lint" "$cache/workflowcheck" "$into/"
