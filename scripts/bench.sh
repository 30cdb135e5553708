#!/bin/sh
# Measures our parts beside their peers and beside floors, prints the tables and writes docs/benchmarks.md.
#
#   scripts/bench.sh            everything, in some minutes
#   QUICK=1 scripts/bench.sh    the emulated card for a shorter time, less certain
#
# The peers and the measuring tools are locked in bench/Cargo.lock, apart from what the product is built from.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

bench_packages() {
    has cc || echo gcc
    pkg-config --exists libpcsclite 2>/dev/null || echo pkg-config libpcsclite-dev
    has valgrind || echo valgrind
    has vicc || echo vsmartcard-vpicc
    /usr/bin/python3 -c 'import Cryptodome' 2>/dev/null || echo python3-pycryptodome
    has pcscd || [ -x /usr/sbin/pcscd ] || echo pcscd
    [ -e /usr/lib/pcsc/drivers/serial/libifdvpcd.so ] || echo vsmartcard-vpcd
    has systemd-socket-activate || echo systemd
    has setpriv || echo util-linux
}

need_rust
provide "$(bench_packages)" "" ""

export CARGO_TERM_COLOR=never NO_COLOR=1
product=$(target_dir)
cargo build --locked --release --package tapcard --bin tapcard

# Before the folder of the benchmark is set: the boards have their own, which `make test` uses too.
say "on the emulated chip ..."
mkdir -p "$product/bench/figures"
scripts/qemu.sh >"$product/bench/figures/qemu.log" || { tail -n 40 "$product/bench/figures/qemu.log" >&2; fail 1 "the boards have failed"; }

CARGO_TARGET_DIR=$product/bench
CRITERION_HOME=$CARGO_TARGET_DIR/criterion
export CARGO_TARGET_DIR CRITERION_HOME
figures=$CARGO_TARGET_DIR/figures
mkdir -p "$figures"
cargo test --locked --quiet --manifest-path bench/Cargo.toml >&2
cargo build --locked --release --manifest-path bench/Cargo.toml
bench=$CARGO_TARGET_DIR/release/tapcard-bench

card="--seconds 0.5 --rounds 15"
[ -z "${QUICK:-}" ] || card="--seconds 0.5 --rounds 3"

say "times ..."
cargo bench --locked --manifest-path bench/Cargo.toml --bench tlv -- --noplot >"$figures/times.log" 2>&1 ||
    { tail -n 40 "$figures/times.log" >&2; fail 1 "criterion has failed"; }
say "instructions ..."
"$bench" instructions "$figures/instructions.json"
"$CARGO_TARGET_DIR/release/allocations" >"$figures/allocations.json"
say "emulated card ..."
# shellcheck disable=SC2086 # a list of words
"$bench" card --tapcard "$product/release/tapcard" $card "$figures/card.json"

"$bench" report --times "$CRITERION_HOME" --instructions "$figures/instructions.json" \
    --allocations "$figures/allocations.json" --card "$figures/card.json" --qemu "$figures/qemu.log" \
    --notes bench/notes.md --date "$(date -u +%F)" docs/benchmarks.md
say "written to docs/benchmarks.md"
