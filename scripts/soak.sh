#!/bin/sh
# Random commands against the emulated card and damaged sessions against the reader, other ones in each round, for as long as
# it is told to.
#
#   scripts/soak.sh [SECONDS]      rounds until so long has gone by (600), then the sums; Ctrl-C ends it earlier
#
# `SEED` is the seed of the first round; without it, one from the clock. A failure names the seed and how to see it again.
# `make test` runs the first round of both, with seed 1.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# One round takes some seconds: that is how long the end may be late.
SEQUENCES=${SEQUENCES:-50000}
READINGS=${READINGS:-20000}
export SEQUENCES READINGS

need_rust
seconds=${1:-600}
case $seconds in *[!0-9]* | "") fail 2 "usage: $0 [SECONDS]" ;; esac
first=${SEED:-$(date +%s)}

export CARGO_TERM_COLOR=never
logs=$(target_dir)/soak
mkdir -p "$logs"
cargo test --locked --quiet -p tapcard-tests --test card_sequences --test hostile_card --no-run

# Of the reader the most APDUs in one reading, of everything else the sum.
sum() {
    awk '/ sequences of commands: / {
            sequences += $2
            gsub(/[^A-Za-z0-9_ ]/, "")
            for (i = 7; i < NF; i += 2) {
                if (!($i in done)) order = order " " $i
                done[$i] += $(i + 1)
            } }
         / damaged readings, / { readings += $2; if ($7 > most) most = $7 }
         END {
            count = split(order, names)
            for (i = 1; i <= count; i++) said = said ", " names[i] " " done[names[i]]
            printf "figure: card: %d sequences%s\nfigure: reader: %d readings, at most %d APDUs in one\n",
                sequences, said, readings, most }' "$logs/figures"
    echo "figure: $rounds rounds in $(($(date +%s) - begin)) s, seeds from $first"
}

begin=$(date +%s)
rounds=0
: >"$logs/figures"
# The round that is interrupted does not count; its test has got the same signal.
trap 'sum; exit 0' INT TERM

while [ $(($(date +%s) - begin)) -lt "$seconds" ]; do
    SEED=$(((first + rounds) % 4294967296))
    export SEED
    for test in "card_sequences no_sequence" "hostile_card any_damage"; do
        program=${test% *}
        if ! cargo test --locked --quiet -p tapcard-tests --test "$program" "${test#* }" -- --nocapture >"$logs/round.log" 2>&1; then
            tail -n 40 "$logs/round.log" >&2
            fail 1 "Seed $SEED fails; again with: SEED=$SEED SEQUENCES=$SEQUENCES READINGS=$READINGS cargo test -p tapcard-tests --test $program"
        fi
        grep '^figure: ' "$logs/round.log" >>"$logs/figures"
    done
    rounds=$((rounds + 1))
done
sum
