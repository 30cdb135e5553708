# The only entry points; what they do stands in scripts/.
.PHONY: help run test show fmt lint

help: ## say what can be made
	@sed -n 's/^\([a-z]*\):.*## /make \1 \t/p' Makefile

run: ## install what is missing, build, read a built-in virtual card
	@scripts/run.sh

test: ## install what is missing, run every check (SUITES="fmt clippy": only these; V=1: show their output)
	@scripts/test.sh $(SUITES)

show: ## prove the "must show" list of a stage: make show STAGE=1 (FULL=1: also what takes long)
	@scripts/show.sh $(STAGE)

fmt: ## format the sources
	@cargo fmt --all

lint: ## rustfmt and clippy as the checks run them
	@scripts/test.sh fmt clippy

.PHONY: bench
bench: ## measure beside peers and floors, write docs/benchmarks.md (QUICK=1: shorter)
	@scripts/bench.sh

.PHONY: mutants
mutants: ## change the core in one place at a time, see whether a test notices: an hour (PARTS="tlv dol": only these)
	@scripts/mutants.sh $(PARTS)

.PHONY: fuzz
fuzz: ## fuzz every door for a minute, then see whether each target finds a planted bug
	@scripts/fuzz.sh all

.PHONY: soak
soak: ## random commands against the emulated card, damaged cards against the reader, for ten minutes (SECONDS=n: others)
	@scripts/soak.sh $(SECONDS)
