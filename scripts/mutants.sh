#!/bin/sh
# Changes the core in one place at a time and sees whether a test notices: an hour or more on two processors.
#
#   scripts/mutants.sh                all parts
#   scripts/mutants.sh PART...        tlv, dol, exchange, reader
#
# Of the changes that compile, at least LEAST percent have to be noticed, and docs/mutants.md has to say of every other one
# why nobody notices it. A change that makes a test run for ever counts as noticed. Reports stay in target/mutants.
# The tests are those of the part's own package; what only an example in the documentation would notice is not noticed.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

PARTS="tlv dol exchange reader"
LEAST=90
LIST=docs/mutants.md
# Tests that take longer than this hang; the whole suites of these crates take seconds.
TEST_SECONDS=60
# Properties are tried less often than in a usual run, since seven hundred changes wait for them, and each time with the same
# values, so that the same changes are noticed. What an earlier change has found is not kept for a later one.
PROPERTIES="PROPTEST_CASES=64 PROPTEST_RNG_SEED=1 PROPTEST_MAX_SHRINK_ITERS=0 PROPTEST_DISABLE_FAILURE_PERSISTENCE=true"
# Log formatting for devices is compiled for no test, so no test can see it change.
NOT_BUILT='defmt::Format'

need_rust
WORK=$(target_dir)/mutants
TOOLS=$(target_dir)/tools

files_of() { # PART: package and files
    case $1 in
    tlv) echo tapcard-iso7816 'apdu/iso7816/src/tlv/*.rs' ;;
    dol) echo tapcard-emv apdu/emv/src/dol.rs ;;
    exchange) echo tapcard-iso7816 apdu/iso7816/src/exchange.rs ;;
    reader) echo tapcard-terminal 'apdu/terminal/src/reader/*.rs' ;;
    *) fail 2 "There is no part \`$1\`; there are: $PARTS" ;;
    esac
}

# Beside our own build, where it does not change what the user has installed.
need_cargo_mutants() {
    PATH=$TOOLS/bin:$PATH
    export PATH
    has cargo-mutants && return
    say "Missing, to be installed into target/tools: cargo-mutants"
    cargo install cargo-mutants --locked --root "$TOOLS" >&2
}

campaign() { # PART
    set -f
    # shellcheck disable=SC2046 # two words
    set -- "$1" $(files_of "$1")
    set +f
    mkdir -p "$WORK/tmp"
    rm -rf "${WORK:?}/$1"
    # It copies the sources first: they may be worked on meanwhile.
    code=0
    # shellcheck disable=SC2086 # a list of words
    env $PROPERTIES TMPDIR="$WORK/tmp" CARGO_PROFILE_DEV_DEBUG=0 \
        cargo mutants --package "$2" --file "$3" --exclude-re "$NOT_BUILT" --no-shuffle --jobs 1 \
        --minimum-test-timeout "$TEST_SECONDS" --cargo-test-arg=--tests --output "$WORK/$1" >"$WORK/$1.log" 2>&1 || code=$?
    case $code in
    0 | 2 | 3) ;; # 2: something was not noticed; 3: a test ran for ever
    *) tail -n 20 "$WORK/$1.log" >&2 && fail 1 "$1: no result" ;;
    esac
}

# Without line and column, which move with every edit.
survivors() { sed 's/:[0-9]*:[0-9]*: /: /' "$WORK/$1/mutants.out/missed.txt" | sort -u; }

judge() { # PART
    out=$WORK/$1/mutants.out
    missed=$(wc -l <"$out/missed.txt")
    noticed=$(cat "$out/caught.txt" "$out/timeout.txt" | wc -l)
    viable=$((noticed + missed))
    [ $viable -gt 0 ] || fail 1 "$1: nothing was changed"
    echo "figure: $1: $noticed of $viable viable mutants caught ($((100 * noticed / viable)) %)," \
        "$missed survive, $(wc -l <"$out/unviable.txt") do not compile"
    [ $((100 * noticed)) -ge $((LEAST * viable)) ] || fail 1 "$1: at least $LEAST % have to be caught"
    unexplained=$(survivors "$1" | while read -r survivor; do grep -qF "\`$survivor\`" "$LIST" || say "  $survivor"; done 2>&1)
    [ -z "$unexplained" ] || fail 1 "$1: $LIST does not say why these survive:
$unexplained"
}

parts=${*:-$PARTS}
for part in $parts; do files_of "$part" >/dev/null; done
need_cargo_mutants
for part in $parts; do
    say "$part ..."
    campaign "$part"
    judge "$part"
done
