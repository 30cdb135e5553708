#!/bin/sh
# The core on an emulated Cortex-M3 and Cortex-M4F: firmware/boards/qemu runs the vectors in QEMU, measures the TLV reader, and
# plays emulated cards as the host did.
#
#   scripts/qemu.sh            builds for both machines, runs, compares the numbers of cases with vectors/
#   scripts/qemu.sh MACHINE    lm3s6965evb or mps2-an386 only
#
# It fails when a case or a card's answer differs on the machine, when a kind has another number of cases there than in vectors/, and when the
# clock does not count instructions. What the TLV reader costs is printed beside the target, met or not.

# shellcheck source=scripts/toolchain.sh
. "$(dirname "$0")/toolchain.sh"

# The kinds that run on the board.
KINDS="tlv dol tlv-values transcript"

# On a Cortex-M4: instructions for each object of the benchmark's blobs, octets of code.
MOST_INSTRUCTIONS=40
MOST_OCTETS=750

# The same of a card check with CDA, three keys: instructions with exponent 3 and with 65537, octets of stack.
MOST_CDA_3=400000
MOST_CDA_65537=2000000
MOST_CDA_STACK=2048

# APDUs that cards have to answer as on the host.
FEWEST_APDUS=1000

# A run takes seconds at most; a first build, with `core`, minutes.
RUN_SECONDS=120
BUILD_SECONDS=1800

target_of() { # MACHINE
    case $1 in
    lm3s6965evb) echo thumbv7m-none-eabi ;;
    mps2-an386) echo thumbv7em-none-eabihf ;;
    *) fail 2 "usage: $0 [lm3s6965evb | mps2-an386]" ;;
    esac
}

on_board() { # SECONDS cargo ARGS... for the board, whose own configuration says how to start QEMU
    limit=$1
    shift
    # shellcheck disable=SC2086,SC2154 # a list of words; `cargo` and `build_std` come from choose_toolchain
    (cd firmware/boards/qemu && timeout "$limit" "$cargo" "$@" --locked --quiet --release $build_std --target "$target")
}

# What a log says: the number behind WORD in the line that begins with START.
number() { # LOG START WORD
    awk -v start="$2" -v word="$3" 'index($0, start) == 1 { for (i = NF; i > 1; i--) if ($i == word) print $(i - 1) }' "$1"
}

# Counts the cases of a kind in another way than the generator, which parses.
in_vectors() { # KIND
    cat vectors/*.json | grep -oE "\"kind\"[[:space:]]*:[[:space:]]*\"$1\"" | wc -l
}

compare_counts() { # MACHINE LOG
    all=0
    said=""
    for kind in $KINDS; do
        there=$(number "$2" "cases: $kind " ran)
        here=$(in_vectors "$kind")
        [ "$there" = "$here" ] || fail 1 "$1: ${there:-no} cases of kind $kind ran, vectors/ has $here"
        all=$((all + here))
        said="$said${said:+, }$here $kind"
    done
    words=$(number "$2" "transcripts: " words)
    members=$(number "$2" "transcripts: " members)
    left=$(number "$2" "transcripts: " left)
    echo "figure: $1: $all cases ran and passed, as many as vectors/ has: $said ($words status words, $members members, $left left to the host)"
}

code_octets() { # of the TLV reader: what the image with it has more than the one without
    images=$CARGO_TARGET_DIR/$target/release
    arm-none-eabi-size "$images/size-with" "$images/size-without" | awk 'NR == 2 { with = $1 } NR == 3 { print with - $1 }'
}

against() { # FOUND MOST
    if [ "$1" -le "$2" ]; then echo "at most $2: met"; else echo "at most $2: missed"; fi
}

measured() { # MACHINE LOG
    instructions=$(number "$2" "walk: " instructions)
    objects=$(number "$2" "walk: " objects)
    each=$(((instructions + objects - 1) / objects)) # rounded up
    echo "figure: $1: TLV reader $each instructions per object ($instructions for $objects), $(against $each $MOST_INSTRUCTIONS)"
    octets=$(code_octets)
    echo "figure: $1: TLV reader $octets octets of code, $(against "$octets" $MOST_OCTETS)"
}

recovered() { # MACHINE LOG
    for e in 3 65537; do
        each=$(number "$2" "recovery e=$e:" instructions)
        echo "figure: $1: RSA recovery of 1984 bits with exponent $e $each instructions, $(number "$2" "recovery e=$e:" stack) octets of stack"
        check=$(number "$2" "cda e=$e:" instructions)
        most=$MOST_CDA_3
        [ "$e" = 3 ] || most=$MOST_CDA_65537
        stack=$(number "$2" "cda e=$e:" stack)
        echo "figure: $1: CDA with exponents $e $check instructions, $(against "$check" $most); $stack octets of stack, $(against "$stack" $MOST_CDA_STACK)"
    done
}

played() { # MACHINE LOG
    apdus=$(number "$2" "cards: " apdus)
    [ "${apdus:-0}" -ge $FEWEST_APDUS ] || fail 1 "$1: ${apdus:-no} APDUs, not $FEWEST_APDUS"
    recorded=$(number "$2" "cards: " recorded)
    records=$(number "$2" "cards: " records)
    echo "figure: $1: $apdus APDUs ($recorded recorded) and $records kept records of emulated cards equal to the host's"
    mean=$(number "$2" "generate ac: " instructions)
    echo "figure: $1: GENERATE AC $mean instructions, at most $(number "$2" "generate ac: " most)"
    ram="$(number "$2" "card ram: " state) octets of state, $(number "$2" "card ram: " buffer) of buffer"
    echo "figure: $1: card $ram, $(number "$2" "card ram: " stack) of stack at most"
    cost="$(number "$2" "card signing: " instructions) instructions, $(number "$2" "card signing: " stack) octets of stack"
    echo "figure: $1: $(number "$2" "card signing: " answered) signatures of a card equal to the host's, $cost"
    cost="$(number "$2" "signing: " instructions) instructions, $(number "$2" "signing: " stack) octets of stack"
    echo "figure: $1: private RSA of $(number "$2" "signing: " bits) bits equal to the host's, $cost"
}

run() { # MACHINE PROGRAM FEATURES; names its log
    log=$CARGO_TARGET_DIR/$1-$2.log
    on_board $BUILD_SECONDS build "$3"
    status=0
    on_board $RUN_SECONDS run --bin "$2" "$3" >"$log" || status=$?
    cat "$log"
    case $status in
    0) ;;
    124) fail 1 "$1: no end after $RUN_SECONDS seconds" ;;
    *) fail 1 "$1: exit status $status" ;;
    esac
}

machine() { # MACHINE
    target=$(target_of "$1")
    say "$1, $target"
    run "$1" vectors --no-default-features
    compare_counts "$1" "$log"
    measured "$1" "$log"
    recovered "$1" "$log"
    run "$1" cards --features=cards
    played "$1" "$log"
}

machines=${*:-lm3s6965evb mps2-an386}
for name in $machines; do
    target_of "$name" >/dev/null
done
has qemu-system-arm || provide qemu-system-arm "" ""
has arm-none-eabi-ld || provide binutils-arm-none-eabi "" ""
choose_toolchain
# Its own folder, as for the other boards.
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/qemu
export CARGO_TARGET_DIR
for name in $machines; do
    machine "$name"
done
