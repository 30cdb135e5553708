#!/bin/sh
# Runs every check, one suite after the other, and says at the end how long each has taken.
#
#   scripts/test.sh              all suites
#   scripts/test.sh fmt clippy   these only
#   V=1 scripts/test.sh          with their output as it comes; otherwise only that of a suite that failed
#
# A suite ends at its first failure; the others run all the same. Each is a function `suite_NAME` that runs with `set -e`.
# What it has counted is taken from its output: tests, and lines that begin with `figure: `.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

SUITES="fmt clippy doc features firmware qemu build tests cards doctests vectors fuzz deny pcsc captures"

# Test programs that belong to a suite of their own: they need more than cargo, or their figures are to be seen.
APART="captures card_power_cuts card_sequences daemons elf_strings foreign_verifier pcsc_clients supply_chain"

export CARGO_TERM_COLOR=never NO_COLOR=1

suite_fmt() {
    cargo fmt --all --check
    cargo fmt --manifest-path firmware/boards/size-probe/Cargo.toml --check
    cargo fmt --manifest-path fuzz/Cargo.toml --check
    # Not `--all`: it would follow the paths into the workspace.
    (cd firmware/boards/qemu && cargo fmt -p tapcard-qemu -p tapcard-qemu-generator --check)
}

suite_clippy() { cargo clippy --locked --workspace --all-targets --all-features -- -D warnings; }

suite_doc() { RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps; }

suite_features() { scripts/firmware.sh features; }

suite_firmware() {
    scripts/firmware.sh core
    run_tests --test elf_strings
}

suite_qemu() {
    cargo test --locked --manifest-path firmware/boards/qemu/generator/Cargo.toml --target-dir "$(target_dir)/qemu-generator"
    scripts/qemu.sh
}

# Everything that later suites run, in one go: cargo then finds nothing left to do in them.
suite_build() { cargo build --locked --workspace --bins --tests; }

suite_tests() {
    if has cargo-nextest; then
        pattern=$(echo "$APART" | tr ' ' '|')
        cargo nextest run --locked --workspace -E "not binary(/^($pattern)\$/)"
    else
        others=$(sed -n 's/^name = "\(.*\)"/\1/p' tests/Cargo.toml | sed 1d | grep -vxF "$(echo "$APART" | tr ' ' '\n')")
        cargo test --locked --workspace --exclude tapcard-tests --lib --bins --tests
        # shellcheck disable=SC2046,SC2086 # a list of words
        cargo test --locked -p tapcard-tests --lib $(printf -- '--test %s ' $others)
    fi
}

# The emulated card beside a model of it, and without power at every octet that it keeps; `make soak` goes on with it.
suite_cards() { run_tests --test card_sequences --test card_power_cuts; }

suite_doctests() { cargo test --locked --workspace --doc; }

suite_vectors() {
    report=$("$TAPCARD_BIN" vectors check vectors/ --allow-unsupported) || { echo "$report"; return 1; }
    echo "$report"
    echo "figure: $(echo "$report" | tail -n 1)"
}

# Ten seconds for each target; `make fuzz` takes longer and plants bugs.
suite_fuzz() { scripts/fuzz.sh 10; }

suite_deny() { scripts/deny.sh; }

suite_pcsc() { run_tests --test daemons --test pcsc_clients --test foreign_verifier; }

suite_captures() { run_tests --test captures; }

# Runs test programs one after the other, with their output: some of them print figures.
run_tests() { cargo test --locked --workspace "$@" -- --nocapture --test-threads 2; }

figures() { # LOG: tests counted from the summary of nextest, or from those of `cargo test`, one per program
    awk '/tests? run: / { sub(/.*\] */, ""); tests += $1 }
         /^test result: / { tests += $4 }
         /^figure: / { sub(/^figure: /, ""); said = said "; " $0 }
         END { if (tests) said = "; " tests " tests" said; print substr(said, 3) }' "$1"
}

# --- running them ----------------------------------------------------------------------------------------------------

if [ "${1:-}" = --suite ]; then
    "suite_$2"
    exit
fi

wanted=${*:-$SUITES}
for name in $wanted; do
    case " $SUITES " in *" $name "*) ;; *) fail 2 "There is no suite \`$name\`; there are: $SUITES" ;; esac
done
case " $wanted " in
*" build "*) ;;
*" vectors "* | *" pcsc "* | *" captures "*) wanted="build $wanted" ;; # they use the program
esac
install_missing test
case " $wanted " in *" fuzz "*) provide_llvm_tools ;; esac

target=$(target_dir)
case " $wanted " in *" pcsc "*) provide_python "$target" ;; esac
logs=$target/checks
mkdir -p "$logs"
TAPCARD_BIN=$target/debug/tapcard
export TAPCARD_BIN

run_suite() { # NAME: writes ok or FAILED to its file
    if sh scripts/test.sh --suite "$1" 2>&1; then result=ok; else result=FAILED; fi
    echo $result >"$logs/$1.result"
}

begin=$(date +%s)
summary=$logs/summary
passed=0
failed=0
: >"$summary"
git describe --always --dirty --abbrev=12 >"$logs/commit" 2>/dev/null || : >"$logs/commit" # for `make show`
for name in $wanted; do
    say "$name ..."
    LOG=$logs/$name.log
    suite_begin=$(date +%s)
    if [ -n "${V:-}" ]; then run_suite "$name" | tee "$LOG"; else run_suite "$name" >"$LOG"; fi
    seconds=$(($(date +%s) - suite_begin))
    result=$(cat "$logs/$name.result")
    if [ "$result" = ok ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        [ -n "${V:-}" ] || tail -n 200 "$LOG"
        say "$name FAILED; all of its output: $LOG"
    fi
    printf '%-9s %-6s %5d s  %s\n' "$name" "$result" "$seconds" "$(figures "$LOG")" >>"$summary"
done
printf '%-9s %-6s %5d s\n' total "" $(($(date +%s) - begin)) >>"$summary"
echo "tapcard: $passed passed, $failed failed" >>"$summary"

echo
cat "$summary"
[ "$failed" = 0 ]
