#!/bin/sh
# What people see at a terminal, as text: runs the program in tmux and keeps what stands on the screen.
#
#   scripts/captures.sh            writes docs/captures
#   scripts/captures.sh FOLDER     writes there; the tests compare that with docs/captures
#
# `TAPCARD_BIN` is the program; without it the one of the dev profile is built. The card is emulated, the home is empty, and
# each key waits for the text that it needs, so the captures are the same everywhere.
# shellcheck source=scripts/lib.sh
into=${1:-docs/captures}
case $into in /*) ;; *) into=$PWD/$into ;; esac
. "$(dirname "$0")/lib.sh"
[ -n "${1:-}" ] || into=$PWD/docs/captures

has tmux || fail $MISSING "tmux is missing: Debian, Ubuntu: apt-get install tmux"
if [ -z "${TAPCARD_BIN:-}" ]; then
    cargo build --locked --package tapcard
    TAPCARD_BIN=$(target_dir)/debug/tapcard
fi

# Looks at the screen, at most: 600 times 0.05 s.
LOOKS=600
COLUMNS=80
LINES=200

work=$(mktemp -d)
session=0
mux() { tmux -u -S "$work/tmux-$session" -f /dev/null "$@"; }
# shellcheck disable=SC2317 # called by trap
end() {
    mux kill-server 2>/dev/null || :
    rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT TERM
mkdir -p "$into" "$work/bin" "$work/home"
ln -s "$(realpath "$TAPCARD_BIN")" "$work/bin/tapcard"

begin() { # a shell that knows nothing of this machine, in a server of its own: the one before may still be ending
    session=$((session + 1))
    (cd "$work/home" && mux new-session -d -x $COLUMNS -y $LINES \
        "env -i HOME=$work/home PATH=$work/bin:/usr/bin:/bin LC_ALL=C.UTF-8 TERM=screen PS1='$ ' \
         PCSCLITE_CSOCK_NAME=./no-pcscd NO_COLOR=1 sh")
    wait_for 1 '^\$$'
}

screen() { mux capture-pane -p; }

wait_for() { # COUNT PATTERN: until so many lines of the screen have it
    looks=0
    until [ "$(screen | grep -c -- "$2")" -ge "$1" ]; do
        looks=$((looks + 1))
        if [ $looks -gt $LOOKS ]; then
            screen >&2
            fail 1 "The screen never shows \`$2\` $1 times"
        fi
        sleep 0.05
    done
}

typed() { mux send-keys -l -- "$1"; }
key() { mux send-keys "$1"; }

commands=0
run() { # COMMAND: types it into the shell and waits for the next prompt
    commands=$((commands + 1))
    typed "$1"
    wait_for "$commands" '^\$ '
    key Enter
    wait_for 1 '^\$$'
}

keep() { # NAME: what stands on the screen, down to the prompt that waits
    screen | sed '/^\$$/q' >"$into/$1.txt"
    mux kill-server
    commands=0
    say "$1"
}

prompts=0
line() { # presses Enter and waits for the next prompt of tapcard
    key Enter
    prompts=$((prompts + 1))
    wait_for $((prompts + 1)) '^tapcard>'
    wait_for 1 '^tapcard>$'
}

# --- the interactive shell -------------------------------------------------------------------------------------------

begin
typed 'tapcard apdu -r virtual:pboc-ec'
key Enter
wait_for 1 '^tapcard>$'
# Tab completes a word of the grammar.
typed 'sel'
wait_for 1 '^tapcard> sel$'
key Tab
typed 'pps'
wait_for 1 '^tapcard> select pps$'
key Tab
wait_for 1 '^tapcard> select ppse$'
line
# A status word that says why.
typed 'read 1 1'
line
typed 'select A000000333010101'
line
# The up key brings back what was typed before.
key Up
wait_for 2 '^tapcard> select A000000333010101$'
key Up
wait_for 2 '^tapcard> read 1 1$'
line
# A mistake is shown where it is.
typed 'get 9F7'
line
typed 'get 9F79 -> 6A88'
line
typed 'card'
line
key C-d
wait_for 1 '^\$$'
keep shell

# --- cards -----------------------------------------------------------------------------------------------------------

begin
run 'tapcard read --full -r virtual:pboc-ec'
run 'tapcard read -r virtual:t-union'
keep sheet

begin
run 'tapcard read --full -r virtual:pboc-ec --lang zh'
run 'tapcard read -r virtual:t-union --lang zh'
keep sheet-zh

# --- data ------------------------------------------------------------------------------------------------------------

begin
run 'tapcard decode 7C00'
run 'tapcard decode 6F1B840E325041592E5359532E4444463031A5098801019F38039F1A02'
run 'tapcard decode 80CA9F3600 9F360200019000'
run 'tapcard decode sw 6985 --for AE'
run 'tapcard decode tvr 0000048000 --lang zh'
keep decode
