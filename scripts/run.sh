#!/bin/sh
# From nothing to a card on the screen: what is missing, a build, a reading of the built-in virtual card.
# It uses the dev profile, which is there in about a third of the time of the release profile and serves the checks too.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

install_missing run
cargo build --locked --package tapcard
tapcard=$(target_dir)/debug/tapcard
case $tapcard in "$PWD"/*) shown=${tapcard#"$PWD"/} ;; *) shown=$tapcard ;; esac

say ""
say "\$ $shown read -r virtual:pboc-ec"
"$tapcard" read -r virtual:pboc-ec

cat <<EOF

That card is emulated in the program itself. With a real reader and a card on it:

  $shown doctor     says what is missing and how to mend it
  $shown readers    lists the readers
  $shown read       reads the card; changes nothing on it

\`cargo install --path host-tools/cli\` puts \`tapcard\` into your PATH; \`tapcard --help\` has the rest.
EOF
