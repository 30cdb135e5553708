#!/bin/sh
# Licences, origins and versions of everything that is compiled in, against deny.toml.
# `cargo deny` is asked where it is installed; compiling it takes minutes, so it is not installed for this. Our own test
# reads the same file and always runs, so both have to agree where both are there.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

cargo test --locked --quiet -p tapcard-tests --test supply_chain -- --nocapture
said="own check"

if has cargo-deny; then
    for manifest in Cargo.toml firmware/boards/size-probe/Cargo.toml firmware/boards/qemu/Cargo.toml; do
        cargo deny --manifest-path "$manifest" --config "$PWD/deny.toml" check bans licenses sources
    done
    said="$said, cargo deny"
    # The database of advisories lives on a server of its own.
    if timeout 60 cargo deny fetch db >/dev/null 2>&1; then
        cargo deny check advisories
        said="$said, advisories"
    else
        said="$said; advisories not checked: their database is out of reach"
    fi
fi
echo "figure: $said"
