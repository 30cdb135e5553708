# A toolchain for Cortex-M; sets `cargo` and `build_std`.
#
# It is the first one that works: one that has the targets, the same after `rustup target add`, or one with the sources of
# `core`, from which cargo builds it: that is what Debian packages, and what is left where rustup's server is out of reach.
# TAPCARD_NO_RUSTUP_TARGETS=1 skips the first two, to try the third.
# shellcheck shell=sh disable=SC2034 # `build_std` is for the scripts that read this one
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
