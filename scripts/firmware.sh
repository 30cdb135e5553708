#!/bin/sh
# The core on microcontrollers.
#
#   scripts/firmware.sh core              builds every core crate for Cortex-M0, M3 and M4F without default features
#   scripts/firmware.sh features          checks every core crate with each feature alone and with all of them
#   scripts/firmware.sh probe [FEATURE]   builds firmware/boards/size-probe, prints the path of its ELF
# shellcheck source=scripts/toolchain.sh
. "$(dirname "$0")/toolchain.sh"

core() {
    crates=$(core_crates)
    for target in $THUMB_TARGETS; do
        say "$target"
        # shellcheck disable=SC2046,SC2086 # lists of words
        $cargo build --locked $build_std --target "$target" --profile firmware --no-default-features $(printf -- '-p %s ' $crates)
    done
    echo "figure: $(echo "$crates" | wc -l) crates for $(echo "$THUMB_TARGETS" | wc -w) targets"
}

# On a thumb target, because a feature that pulls in `std` builds on a host. Warnings count: a feature that is off must not
# leave unused code behind.
features() {
    export RUSTFLAGS="-D warnings"
    checks=0
    for manifest in apdu/*/Cargo.toml; do
        crate=$(package_of "$manifest")
        for chosen in --no-default-features $(features_of "$manifest" | sed 's/^/--features=/') --all-features; do
            say "$crate $chosen"
            # shellcheck disable=SC2086
            $cargo check --locked --quiet $build_std --target thumbv7m-none-eabi -p "$crate" "$chosen"
            checks=$((checks + 1))
        done
    done
    echo "figure: $checks combinations of crate and features"
}

probe() { # [FEATURE]
    cd firmware/boards/size-probe
    # Its own folder for each set of features, so that both images exist at the same time.
    CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/../../../target}/size-probe/${1:-plain}
    export CARGO_TARGET_DIR
    # shellcheck disable=SC2086
    $cargo build --locked --quiet --release $build_std ${1:+--features "$1"} >&2
    echo "$CARGO_TARGET_DIR/thumbv7m-none-eabi/release/size-probe"
}

case ${1:-} in
core | features | probe)
    choose_toolchain
    "$@"
    ;;
*) fail 2 "usage: $0 core | features | probe [FEATURE]" ;;
esac
