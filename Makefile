# Onecard on a Debian 12 machine with Go. `make help` lists the targets.
SHELL := /bin/sh
.SHELLFLAGS := -euc
.DEFAULT_GOAL := help

BIN   := bin
TOOLS := $(BIN)/tools

# Packages in which goroutines share memory run under the race detector too; it makes the rest slow without finding more.
RACED := $(foreach p,card workflows activities worker web,$(if $(wildcard $(p)/*.go),./$(p)/...))
# No package's tests may hang longer than this.
TIMEOUT := 15m
# How long `make fuzz` spends on each target.
FUZZTIME ?= 30s

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/onecard and bin/partners
	@mkdir -p $(BIN)
	go build -o $(BIN)/ ./cmd/onecard ./cmd/partners

.PHONY: servers
servers: build # Temporal and its Web UI from the pins in deploy/temporal: minutes once, so not within a test or the demo
	@$(BIN)/onecard build-servers

.PHONY: demo
demo: deps servers ## a batch of 5,000 cards from the workbook to the activated card, on this machine
	$(BIN)/onecard demo

.PHONY: test
test: deps servers fmt vet lint race integration ## every check: what continuous integration runs
	@echo "make test: all checks passed (format, vet, lint, workflowcheck, race, unit, replay, contract, integration)"

.PHONY: deps
deps: ## install what is missing of PostgreSQL 15, OpenSSH, gcc and make (root or sudo)
	@command -v go >/dev/null || { echo "onecard needs Go 1.26: https://go.dev/dl" >&2; exit 1; }
	@sh deploy/debian.sh

.PHONY: fmt
fmt: ## check the format of all Go files
	@unformatted=$$(find . -path ./var -prune -o -name '*.go' -exec gofmt -l {} +); [ -z "$$unformatted" ] || { echo "run gofmt -w on:"; echo "$$unformatted"; exit 1; }

.PHONY: vet
vet: ## go vet
	go vet ./...

.PHONY: lint
lint: tools ## golangci-lint, and workflowcheck on the workflows
	$(TOOLS)/golangci-lint run --allow-parallel-runners ./...
	$(if $(wildcard workflows/*.go),$(TOOLS)/workflowcheck ./workflows/...)

.PHONY: tools
tools: # golangci-lint and workflowcheck from the pins in deploy/tools, kept in the user's cache folder
	@sh deploy/tools/build.sh $(TOOLS)

.PHONY: race
race: # the tests of the packages above under the race detector
	go test -race -timeout $(TIMEOUT) $(RACED)

.PHONY: integration
integration: # all other tests, the root's among them, against real servers; the drills, which kill whole stacks, have the machine to themselves
	go test -timeout $(TIMEOUT) $$(go list ./... | grep -Ev '^onecard/(card|workflows|activities|worker|web)(/|$$)|/drill$$')
	go test -timeout $(TIMEOUT) ./cmd/onecard/drill

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (30s)
	@grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u | while read -r dir; do \
		for target in $$(grep -ho '^func Fuzz[A-Za-z0-9_]*' $$dir/*_test.go | cut -d' ' -f2); do \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$dir; \
		done; \
	done

.PHONY: clean
clean: ## remove what was built; var/ stays
	rm -rf $(BIN)
