#!/bin/sh
# Proves the "must show" list of a stage: one line per item with its result and its figure.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

script=scripts/show/stage${1:-}.py
[ -f "$script" ] || fail 2 "usage: make show STAGE=n; there is $(echo scripts/show/stage*.py)"
install_missing test
exec python3 "$script"
