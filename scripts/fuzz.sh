#!/bin/sh
# Fuzzes every door that untrusted octets use; fuzz/README.md says which there are.
#
#   scripts/fuzz.sh [SECONDS] [TARGET...]   each target for so long (60), then the lines that its corpus covers
#   scripts/fuzz.sh planted [TARGET...]     whether each target finds the bug that fuzz/planted/TARGET.patch plants
#   scripts/fuzz.sh all                     both, which is `make fuzz`
#   scripts/fuzz.sh corpus [TARGET...]      fuzz/corpus anew: seeds from vectors/, old corpus and finds, minimised
#   scripts/fuzz.sh table                   fuzz/README.md: the results of the last `make fuzz` as a table
#
# ASAN=1 adds the address sanitizer, where the toolchain has its runtime: it looks into the libraries that we use.
#
# It takes the stable toolchain with the flags that cargo-fuzz would pass to a nightly one, and as many targets at once as
# there are processors. Inputs that made a target crash stay in target/fuzz/crashes, other finds in target/fuzz/found.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# A build with sanitizer takes minutes; a run has a bound of its own on time.
MOST_SECONDS=3600
# How long a target may look for a planted bug.
PLANTED_SECONDS=60

ROOT=$PWD

need_rust
HOST=$(rustc -vV | sed -n 's/^host: //p')
WORK=${TAPCARD_FUZZ_DIR:-$(target_dir)/fuzz}
BUILD=$WORK/build${ASAN:+-asan}
BINARIES=$BUILD/$HOST/release

targets() { for file in fuzz/fuzz_targets/*.rs; do basename "$file" .rs; done; }

# What a target says of itself behind `Covers: `: files and folders.
covers() { sed -n 's/^.*Covers: //p' "fuzz/fuzz_targets/$1.rs"; }

# Instrumentation as cargo-fuzz sets it, and that of the coverage report in the same build: one build costs minutes.
flags() {
    llvm="-sanitizer-coverage-level=4 -sanitizer-coverage-inline-8bit-counters -sanitizer-coverage-pc-table"
    llvm="$llvm -sanitizer-coverage-trace-compares"
    printf -- '--cfg fuzzing -Cpasses=sancov-module -Cinstrument-coverage'
    for argument in $llvm; do printf -- ' -Cllvm-args=%s' "$argument"; done
    # Not by default: we have no unsafe code, and it makes the build half as long again.
    if [ -n "${ASAN:-}" ]; then printf -- ' -Zsanitizer=address'; fi
}

fresh_tmp() {
    rm -rf "$WORK/tmp"
    mkdir -p "$WORK/tmp"
}

build() { # FOLDER CARGO-ARGS...: a copy of fuzz/ or itself
    folder=$1
    shift
    (
        cd "$folder"
        # `-Z` is refused on a stable toolchain otherwise. Nothing that is built so is ever shipped.
        RUSTFLAGS=$(flags)
        export RUSTFLAGS RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$BUILD"
        timeout --foreground "$MOST_SECONDS" cargo build --locked --quiet --release --target "$HOST" "$@"
    )
}

at_once() { # COMMAND TARGET...: runs `--COMMAND TARGET` for each, as many as there are processors; fails if one fails
    command=$1
    shift
    printf '%s\n' "$@" | xargs -n 1 -P "$(nproc)" sh scripts/fuzz.sh "--$command"
}

# libFuzzer with our bounds. Profiles are written only where they are asked for.
run() { # TARGET ARGS...
    binary=$BINARIES/$1
    shift
    # Not in a process group of its own: who interrupts this script interrupts the target.
    TMPDIR=$WORK/tmp LLVM_PROFILE_FILE=${PROFILE:-/dev/null} \
        timeout --foreground "$MOST_SECONDS" "$binary" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 "$@"
}

count() { find "$1" -type f | wc -l; }

# --- fuzzing ---------------------------------------------------------------------------------------------------------

fuzz() { # TARGET, for $SECONDS_EACH
    target=$1
    found=$WORK/found/$target crashes=$WORK/crashes/$target log=$WORK/$target.log
    mkdir -p "$found" "$crashes" "fuzz/corpus/$target"
    if ! run "$target" -max_total_time="$SECONDS_EACH" -artifact_prefix="$crashes/" "$found" "fuzz/corpus/$target" \
        >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        say "$target crashed; its input is in $crashes. Make a vector or a test of it first, then mend the code"
        return 1
    fi
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    # Apart from the line that uses it: a failure within it would not be one.
    part=$(lines "$target")
    rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
    echo "$target $executions $(count "fuzz/corpus/$target") $part $rate" >"$WORK/$target.figures"
    awk -v files="$(covers "$target")" '
        { printf "%-10s %9d executions, corpus of %d, %s of the lines of %s\n", $1, $2, $3, $4, files }' "$WORK/$target.figures"
}

# The part of the module's lines that the corpus in the repository runs through. What people read (`Display`, accessors)
# counts as much as what parses.
lines() { # TARGET
    base=$WORK/$1
    for place in $(covers "$1"); do
        [ -e "$place" ] || fail 1 "$1 covers $place, which does not exist: mend its line"
    done
    if ! cov=$(llvm_tool llvm-cov) || ! profdata=$(llvm_tool llvm-profdata); then
        echo unknown
        return
    fi
    PROFILE=$base.profraw run "$1" -runs=0 "fuzz/corpus/$1" >"$base.coverage.log" 2>&1
    "$profdata" merge -sparse "$base.profraw" -o "$base.profdata"
    files=$(for place in $(covers "$1"); do find "$ROOT/$place" -name '*.rs'; done)
    # shellcheck disable=SC2086 # a list of words
    "$cov" report "$BINARIES/$1" -instr-profile="$base.profdata" $files >"$base.coverage"
    awk '$1 == "TOTAL" { print $10 }' "$base.coverage"
}

summary() { # TARGET...
    for target in "$@"; do cat "$WORK/$target.figures"; done | awk '
        { executions += $2; corpus += $3 }
        $4 != "unknown" { part = $4 + 0; if (where == "" || part < least) { least = part; where = $1 } }
        END {
            covered = where == "" ? "lines not counted" : "least lines covered: " least " % by " where
            printf "figure: %d targets, %d executions, corpus of %d; %s\n", NR, executions, corpus, covered
        }'
}

# --- planted bugs ----------------------------------------------------------------------------------------------------

# The bug is planted in a copy of the sources: no product code has a switch for it, so it cannot ship.
planted() { # TARGET...
    tree=$WORK/planted/tree
    rm -rf "$WORK/planted"
    mkdir -p "$tree"
    cp -R Cargo.toml apdu host-tools vectors fuzz "$tree"
    build fuzz --bins
    for target in "$@"; do
        cp "$BINARIES/$target" "$WORK/planted/$target-clean"
    done
    for target in "$@"; do
        patch=$ROOT/fuzz/planted/$target.patch
        [ -e "$patch" ] || fail 1 "$target: there is no planted bug"
        # The ceiling keeps git from taking the paths as those of the repository that the copy lies in.
        (cd "$tree" && GIT_CEILING_DIRECTORIES=$WORK/planted git apply --recount "$patch") || fail 1 "$target: its patch does not fit the sources any more"
        result=0
        build "$tree/fuzz" "$(features_for "$target")" --bin "$target" && find_planted "$target" || result=$?
        sed -n 's#^+++ b/##p' "$patch" | while read -r file; do cp "$file" "$tree/$file"; done
        [ $result = 0 ] || return $result
    done
    echo "figure: planted bug found by $# of $# targets"
}

# The core alone where the target is one of the core: less to build anew.
features_for() { # TARGET
    if grep -A 3 "^name = \"$1\"" fuzz/Cargo.toml | grep -q '^required-features'; then
        echo --features=default
    else
        echo --no-default-features
    fi
}

find_planted() { # TARGET, whose binary has the bug now
    crashes=$(mktemp -d "$WORK/planted/$1.XXXXXX")
    log=$crashes/log
    run "$1" -max_total_time=$PLANTED_SECONDS -artifact_prefix="$crashes/" "$crashes" "fuzz/corpus/$1" >"$log" 2>&1 || :
    crash=$(find "$crashes" -name 'crash-*' -o -name 'timeout-*' -o -name 'oom-*' | head -n 1)
    [ -n "$crash" ] || fail 1 "$1: the planted bug was not found in $PLANTED_SECONDS s"
    # What it found must be the planted bug and no other.
    BINARIES=$WORK/planted run "$1-clean" "$crash" >>"$log" 2>&1 || fail 1 "$1: $crash also makes the clean sources crash"
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | head -n 1)
    echo "$executions" >"$WORK/$1.planted"
    printf '%-10s planted bug found after %d executions: %s\n' "$1" "$executions" \
        "$(grep -A 1 -m 1 'panicked at' "$log" | sed -n '2p')"
}

# --- corpus ----------------------------------------------------------------------------------------------------------

corpus() { # TARGET
    old=fuzz/corpus/$1 found=$WORK/found/$1 seeds=$WORK/seeds/$1
    new=$(mktemp -d "$WORK/corpus.XXXXXX")
    mkdir -p "$old" "$found" "$seeds"
    # By what is reached and not by how often, which would keep four times as much; and the fewest inputs that reach it.
    run "$1" -set_cover_merge=1 -use_counters=0 "$new" "$old" "$seeds" "$found" >"$WORK/$1.merge.log" 2>&1
    find "$old" -type f -delete
    find "$new" -type f -exec mv {} "$old" \;
    rmdir "$new"
    printf '%-10s %4d files, %7d octets\n' "$1" "$(count "$old")" "$(cat "$old"/* | wc -c)"
}

# --- results ---------------------------------------------------------------------------------------------------------

# A machine is as fast as it is, so of the speed only the power of ten is kept.
table() {
    readme=fuzz/README.md
    rows=$WORK/table
    {
        echo "| target | covers | lines | inputs | executions per second | planted bug found after |"
        echo "|---|---|---|---|---|---|"
        for target in $(targets); do
            for result in "$WORK/$target.figures" "$WORK/$target.planted"; do
                [ -e "$result" ] || fail 1 "$target has no results: run make fuzz first"
            done
            awk -v files="$(covers "$target")" -v planted="$(cat "$WORK/$target.planted")" '{
                gsub(/ /, "`, `", files)
                class = $5 < 100 ? "tens" : $5 < 1000 ? "hundreds" : $5 < 10000 ? "thousands" : "ten thousands"
                printf "| `%s` | `%s` | %s | %d | %s | %d |\n", $1, files, $4, $3, class, planted
            }' "$WORK/$target.figures"
        done
    } >"$rows"
    awk -v rows="$rows" '
        /^<!-- end of results -->/ { inside = 0 }
        !inside { print }
        /^<!-- results/ { inside = 1; while ((getline line < rows) > 0) print line }' "$readme" >"$rows.md"
    cat "$rows.md" >"$readme"
}

# ---------------------------------------------------------------------------------------------------------------------

chosen() { # TARGET...: those, or all
    for target in "$@"; do
        [ -e "fuzz/fuzz_targets/$target.rs" ] || fail 2 "There is no target \`$target\`; there are: $(targets | xargs)"
    done
    if [ $# = 0 ]; then targets; else printf '%s\n' "$@"; fi
}

# Everything for a minute or as long as SECONDS_EACH says.
fuzz_all() { # TARGET...
    export SECONDS_EACH
    llvm_tool llvm-cov >/dev/null || say "Lines are not counted: there is no llvm-cov for this compiler (rustup component add llvm-tools)"
    build fuzz --bins
    fresh_tmp
    at_once fuzz "$@"
    summary "$@"
}

SECONDS_EACH=${SECONDS_EACH:-60}
case ${1:-} in
--fuzz) fuzz "$2" ;;
--corpus) corpus "$2" ;;
all)
    provide_llvm_tools
    # shellcheck disable=SC2046
    fuzz_all $(targets)
    # shellcheck disable=SC2046
    planted $(targets)
    ;;
planted)
    shift
    fresh_tmp
    list=$(chosen "$@")
    # shellcheck disable=SC2086
    planted $list
    ;;
corpus)
    shift
    list=$(chosen "$@")
    build fuzz --bins
    fresh_tmp
    rm -rf "$WORK/seeds"
    timeout --foreground "$MOST_SECONDS" cargo run --locked --quiet --manifest-path fuzz/Cargo.toml \
        --target-dir "$WORK/seeds-build" --features seeds --bin seeds "$WORK/seeds"
    # shellcheck disable=SC2086
    at_once corpus $list
    ;;
table) table ;;
*)
    case ${1:-} in [0-9]*) SECONDS_EACH=$1 && shift ;; esac
    list=$(chosen "$@")
    # shellcheck disable=SC2086
    fuzz_all $list
    ;;
esac
