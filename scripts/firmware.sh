#!/bin/sh
# The core on microcontrollers.
#
#   scripts/firmware.sh core              builds every core crate for Cortex-M0, M3 and M4F without default features
#   scripts/firmware.sh features          checks every core crate with each feature alone and with all of them
#   scripts/firmware.sh probe [FEATURE]   builds firmware/boards/size-probe, prints the path of its ELF
#
# It takes the first toolchain that works: one that has the targets, the same after `rustup target add`, or one with the
# sources of `core`, from which cargo builds it: that is what Debian packages, and what is left where rustup's server is
# out of reach. TAPCARD_NO_RUSTUP_TARGETS=1 skips the first two, to try the third.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

has_core_sources() { # RUSTC
    has "$1" && [ -d "$("$1" --print sysroot)/lib/rustlib/src/rust/library/core" ]
}

choose_toolchain() {
    if [ -z "${TAPCARD_NO_RUSTUP_TARGETS:-}" ]; then
        missing=$(missing_targets)
        if [ -n "$missing" ] && has rustup; then
            # shellcheck disable=SC2086 # a list of words
            rustup target add $missing >&2 || true
            missing=$(missing_targets)
        fi
        if [ -z "$missing" ]; then
            cargo=cargo build_std=""
            return
        fi
    fi
    if has_core_sources rustc; then
        cargo=cargo
    else
        has_core_sources /usr/bin/rustc || provide "$(packaged_toolchain)" "" ""
        has_core_sources /usr/bin/rustc || fail $MISSING "No toolchain here has the targets or the sources of \`core\`"
        cargo=/usr/bin/cargo
        export RUSTC=/usr/bin/rustc
        unset RUSTUP_TOOLCHAIN
    fi
    # Building `core` is a nightly feature of cargo, and the packaged compiler is a stable one.
    export RUSTC_BOOTSTRAP=1
    build_std="-Zbuild-std=core"
    # Two compilers in one folder would build everything anew each time they take turns.
    CARGO_TARGET_DIR=$(target_dir)/packaged-toolchain
    export CARGO_TARGET_DIR
    say "with $($cargo --version), building core"
}

packaged_toolchain() { # Debian keeps a newer compiler than its release's own for building browsers
    if has apt-cache && apt-cache show rustc-web >/dev/null 2>&1; then
        echo rustc-web cargo-web rust-web-src
    else
        echo rustc cargo rust-src
    fi
}

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
        crate=$(sed -n 's/^name = "\(.*\)"/\1/p' "$manifest")
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
