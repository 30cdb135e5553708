# What the scripts share: messages, and finding, announcing and installing what is missing.
# shellcheck shell=sh

set -eu
cd "$(dirname "$0")/.."

# As in the command line: bad input or configuration, here a machine that lacks something.
MISSING=7

THUMB_TARGETS="thumbv6m-none-eabi thumbv7m-none-eabi thumbv7em-none-eabihf"

say() { printf '%s\n' "$*" >&2; }

fail() { # CODE MESSAGE...
    code=$1
    shift
    say "$*"
    exit "$code"
}

has() { command -v "$1" >/dev/null 2>&1; }

need_rust() {
    has cargo || fail $MISSING "Rust is missing: install it from https://rustup.rs, then run this again"
}

# --- what is missing -------------------------------------------------------------------------------------------------
# Things are recognised by what they do, not by a package database, so any way of installing them will do. What is
# printed is the Debian package that has them.

missing_packages() { # run | test
    has cc || echo gcc
    if [ "$(uname -s)" != Darwin ]; then # macOS has PC/SC built in
        has pkg-config || echo pkg-config
        pkg-config --exists libpcsclite 2>/dev/null || echo libpcsclite-dev
    fi
    [ "$1" = test ] || return 0
    has c++ || echo g++ # libFuzzer is C++
    has pcscd || [ -x /usr/sbin/pcscd ] || echo pcscd
    [ -e /usr/lib/pcsc/drivers/serial/libifdvpcd.so ] || echo vsmartcard-vpcd
    has opensc-tool || echo opensc
    has pcsc_scan || echo pcsc-tools
    /usr/bin/python3 -c 'import smartcard' 2>/dev/null || echo python3-pyscard
    /usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    has systemd-socket-activate || echo systemd
    has arm-none-eabi-ld || echo binutils-arm-none-eabi
    has qemu-system-arm || echo qemu-system-arm
    has tmux || echo tmux
    [ -x /bin/kill ] || [ -x /usr/bin/kill ] || echo procps # the program, which tests run, not the shell's own
}

missing_components() {
    cargo fmt --version >/dev/null 2>&1 || echo rustfmt
    cargo clippy --version >/dev/null 2>&1 || echo clippy
}

has_target() { # TRIPLE
    library=$(rustc --print target-libdir --target "$1" 2>/dev/null) && [ -d "$library" ]
}

missing_targets() {
    for target in $THUMB_TARGETS; do
        has_target "$target" || echo "$target"
    done
}

# --- installing ------------------------------------------------------------------------------------------------------

# Prints the prefix that gives the right to install: nothing for root, `sudo` where it works. Fails without the right.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        echo ""
    elif has sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
        echo sudo
    else
        return 1
    fi
}

agreed() { # goes on without a question when told to, or when there is nobody to ask
    if [ -n "${YES:-}" ] || [ -n "${CI:-}" ] || ! [ -t 0 ]; then
        return 0
    fi
    printf 'Go on? [Y/n] ' >&2
    read -r answer || answer=n
    case $answer in "" | [Yy]*) return 0 ;; *) return 1 ;; esac
}

# Installs packages without starting the services that some of them bring: a reader service is the user's choice, and the
# tests bring their own. `policy-rc.d` is Debian's way to say so; one that exists already stays as it is.
apt_install() { # PREFIX PACKAGE...
    prefix=$1
    shift
    # shellcheck disable=SC2016 # expanded by the inner shell
    $prefix sh -c '
        policy=/usr/sbin/policy-rc.d
        if ! [ -e "$policy" ]; then
            trap "rm -f $policy" EXIT
            trap "exit 130" INT TERM
            printf "#!/bin/sh\nexit 101\n" >"$policy"
            chmod 755 "$policy"
        fi
        export DEBIAN_FRONTEND=noninteractive
        quick() { apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1; }
        quick "$@" || { apt-get update && apt-get install -y --no-install-recommends "$@"; }
    ' sh "$@" >&2
}

# Announces, asks and installs Debian packages and parts of the Rust toolchain; an empty list is nothing to do.
provide() { # PACKAGES COMPONENTS TARGETS, each a list in one argument
    packages=$(echo "$1" | xargs)
    components=$(echo "$2" | xargs)
    targets=$(echo "$3" | xargs)
    [ -n "$packages$components$targets" ] || return 0

    right=yes
    prefix=$(as_root) || right=no
    say "Missing, to be installed with:"
    [ -z "$packages" ] || say "  ${prefix:+$prefix }apt-get install --no-install-recommends $packages"
    [ -z "$components" ] || say "  rustup component add $components"
    [ -z "$targets" ] || say "  rustup target add $targets"

    if [ -n "$packages" ]; then
        has apt-get || fail $MISSING "There is no apt-get here: README.md has the names for other systems"
        [ $right = yes ] || fail $MISSING "Without root or sudo this cannot be done from here: run it as root, then come back"
    fi
    [ -z "$components" ] || has rustup || fail $MISSING "There is no rustup here: install $components the way Rust was installed"
    agreed || fail $MISSING "Nothing was installed"

    if [ -n "$packages" ]; then
        # shellcheck disable=SC2086 # lists of words
        apt_install "$prefix" $packages || fail $MISSING "The packages could not be installed"
    fi
    if [ -n "$components" ]; then
        # shellcheck disable=SC2086
        rustup component add $components >&2 || fail $MISSING "The Rust components could not be installed"
    fi
    # Targets may fail: scripts/firmware.sh has another way where their server is out of reach.
    if [ -n "$targets" ]; then
        # shellcheck disable=SC2086
        rustup target add $targets >&2 || say "The targets are out of reach; the packaged toolchain will do"
    fi
}

# A tool of LLVM. What the compiler has written can only be read by one as new as itself: the toolchain's own, or a package of
# the same number.
llvm_tool() { # NAME
    host=$(rustc -vV | sed -n 's/^host: //p')
    number=$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
    for tool in "$(rustc --print sysroot)/lib/rustlib/$host/bin/$1" "$1-$number"; do
        if has "$tool"; then
            echo "$tool"
            return
        fi
    done
    return 1
}

# Only figures of coverage need them, so it is no failure if they are out of reach.
provide_llvm_tools() {
    if ! llvm_tool llvm-cov >/dev/null && has rustup; then
        (provide "" llvm-tools "") || say "llvm-tools could not be installed"
    fi
}

# Python for the foreign verifier: Debian's pyscard, and what it lacks from PyPI, in a folder below target/. Made again when
# the list of packages or Debian's Python has changed.
provide_python() { # TARGET
    venv=$1/clients-python
    TAPCARD_PYTHON=$venv/bin/python3
    export TAPCARD_PYTHON
    recipe=$(/usr/bin/python3 --version && cat tests/clients/requirements.txt)
    if [ "$(cat "$venv/made-of" 2>/dev/null)" = "$recipe" ]; then
        return
    fi
    say "Getting from PyPI into $venv: $(xargs <tests/clients/requirements.txt)"
    {
        /usr/bin/python3 -m venv --clear --system-site-packages "$venv" &&
            "$TAPCARD_PYTHON" -m pip install --quiet --disable-pip-version-check -r tests/clients/requirements.txt
    } >&2 || fail $MISSING "The Python packages could not be installed"
    printf '%s\n' "$recipe" >"$venv/made-of"
}

install_missing() { # run | test
    need_rust
    if [ "$1" = run ]; then
        provide "$(missing_packages run)" "" ""
        return
    fi
    targets=""
    if has rustup && [ -z "${TAPCARD_NO_RUSTUP_TARGETS:-}" ]; then
        targets=$(missing_targets)
    fi
    provide "$(missing_packages test)" "$(missing_components)" "$targets"
}

# --- the workspace ---------------------------------------------------------------------------------------------------

target_dir() { cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/'; }

# The core crates, `no_std`: everything in apdu/.
core_crates() { for manifest in apdu/*/Cargo.toml; do package_of "$manifest"; done; }

# The name of a package: the first of its manifest, since its test programs have names too.
package_of() { sed -n 's/^name = "\(.*\)"/\1/p' "$1" | head -n 1; } # MANIFEST

# The features that a manifest declares, without `default`.
features_of() { # MANIFEST
    awk '/^\[/ { inside = $0 == "[features]" } inside && /^[a-z]/ && $1 != "default" { print $1 }' "$1"
}
