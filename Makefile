# One target for each rung of CI, the same on a laptop. `make ci` is all of it.
GOLANGCI_VERSION := v2.15.0
YARDSTICK ?= ../shared/reference/yardstick

.PHONY: help films truth run test race test386 same fmt lint vet oracles paper bench profile yardstick ci clean

help: ## this list
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

run: ## simulate the quickstart
	go run ./cmd/pushcast run scenarios/quickstart.yaml

test: ## the README's test command
	go test ./...

race: ## the same under the race detector, in random order
	go test -race -shuffle=on ./...

test386: ## the peer and the simulator on a 32-bit machine
	CGO_ENABLED=0 GOARCH=386 go build ./...
	CGO_ENABLED=0 GOARCH=386 go test ./node/... ./sim/... ./net/...

same: ## golden values on amd64 v3, and on arm64 under qemu-user-static
	GOAMD64=v3 go test -count=1 -run 'Everywhere|TestGolden' ./node/... ./sim ./scenarios/model
	CGO_ENABLED=0 GOARCH=arm64 go test -exec qemu-aarch64-static -count=1 -run 'Everywhere|TestGolden' ./node/... ./sim ./scenarios/model

fmt: ## files that gofmt would change
	@test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }

lint: ## the linter; installs nothing
	golangci-lint run ./...

vet: ## go vet, with and without the long tests
	go vet ./... && go vet -tags ci ./...

oracles: ## the long tests: every oracle, the mutants
	go test -tags ci -count=1 -timeout 40m ./...

paper: ## every claim of the literature, about five minutes of CPU
	go test -tags ci -count=1 -timeout 40m -run '^TestPaper$$' ./cmd/pushcast

truth: ## the simulator's word against real sockets, a quarter of an hour in real time
	go test -tags ci -count=1 -timeout 40m -v -run '^TestTruth' ./cmd/internal/stage

films: ## real swarms, films and a browser; needs ffmpeg and chromium
	go test -tags ci -count=1 -parallel 5 -v -run 'TestDelivery|TestKilled|TestSource|TestForty|TestStripes|TestFilm|TestLivePage|TestReportPage|TestMoviePage' ./cmd/...

bench: ## benchmarks, in benchstat's format
	go test -run '^$$' -bench . -benchmem -pgo=$(CURDIR)/cmd/pushcast/default.pgo ./...

profile: ## renew what the compiler is told of hot code
	go test -trimpath -run '^$$' -bench 'W1$$/peers=1000(0)?$$' -benchtime 12x -cpuprofile $(CURDIR)/cmd/pushcast/default.pgo -o $$(mktemp) ./sim

yardstick: ## W1 beside the bare loop of YARDSTICK, alternately; wants a quiet machine
	results/reference/bench/yardstick $(YARDSTICK)

ci: ## what CI runs
	.ci/run

clean:
	rm -f pushcast dumbstreamer
	go clean -testcache
