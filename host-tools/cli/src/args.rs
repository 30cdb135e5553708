//! What can be typed: the global options and the subcommands. What a subcommand takes stands in its own file.

use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use tapcard_transport::transcript::protocol_name;
use tapcard_transport::{Card, Connection, Spec, Tracer, TransportError, connect};

use crate::cmd;
use crate::lang::{self, Lang, Msg};
use crate::paint::Paint;
use crate::render::text::Style;
use crate::render::wrap::terminal_width;

const EXAMPLES: &str = "\
Examples:
  tapcard read                          the card in the only reader that holds one
  tapcard read --reader virtual:pboc-ec an emulated card, no reader needed
  tapcard doctor                        what is missing and how to mend it

Exit codes: 0 done, 1 the answer is no, 2 usage, 3 no reader or no card, 4 the card refused, 5 network, 7 bad input, 70 internal";

/// Read, explain and emulate payment and e-cash cards.
#[derive(Debug, Parser)]
#[command(name = "tapcard", version, after_help = EXAMPLES, max_term_width = 110)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every subcommand takes.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Which card: `pcsc:NAME`, `virtual:PROFILE`, `virtual:FILE`, `replay:FILE#NAME`, `pn532:PORT`.
    #[arg(short, long, global = true, value_name = "SPEC", env = "TAPCARD_READER", hide_env_values = true)]
    pub(crate) reader: Option<String>,
    /// Print one JSON document instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// When to use colours.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// Say less on stderr.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more on stderr; twice: every APDU with its meaning.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Print account numbers in full.
    #[arg(long, global = true)]
    pub(crate) show_pan: bool,
    /// Which language to speak; without it, that of `LC_ALL`, `LC_MESSAGES` or `LANG`. JSON is always English.
    #[arg(long, global = true, value_name = "LANG", hide_possible_values = true)]
    pub(crate) lang: Option<Lang>,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List readers and what is in them.
    Readers(cmd::readers::Args),
    /// Say what is missing to read a card, and how to mend it.
    Doctor(cmd::doctor::Args),
    /// Read everything that a card tells.
    Read(cmd::read::Args),
    /// Read the balances of a card with the fewest commands.
    Balance(cmd::balance::Args),
    /// Explain data of a card.
    Decode(cmd::decode::Args),
    /// Send raw APDUs and explain the answers.
    Apdu(cmd::apdu::Args),
    /// List, make, inspect and serve emulated cards.
    Card(cmd::card::Args),
    /// Keys, accounts and cards of an issuer, and its answers to online transactions.
    Issuer(cmd::issuer::Args),
    /// Check this program against test vectors.
    Vectors(cmd::vectors::Args),
    /// Print completions for a shell.
    Completions(cmd::completions::Args),
    /// Write manual pages.
    Man(cmd::man::Args),
}

impl Cli {
    /// The command line of this process; `--help` and usage errors end it, in the language asked for.
    pub(crate) fn of_arguments() -> Self {
        let arguments: Vec<_> = std::env::args_os().collect();
        let text: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
        let command = lang::help::translated(Self::command(), Lang::of_arguments(&text));
        let matches = command.get_matches_from(arguments);
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

impl Global {
    /// The language to speak.
    pub(crate) fn lang(&self) -> Lang {
        self.lang.unwrap_or_else(Lang::of_locale)
    }

    /// Opens the card that was asked for.
    ///
    /// # Errors
    /// The SPEC is wrong, or there is no such card.
    pub(crate) fn connect(&self) -> Result<Connection, TransportError> {
        let spec = self.reader.as_deref().filter(|text| !text.is_empty()).map(str::parse::<Spec>).transpose()?;
        connect(spec.as_ref())
    }

    /// The session of a connection, traced to stderr if that was asked for.
    ///
    /// # Errors
    /// The card is not there any more.
    pub(crate) fn session<'c>(&self, connection: &'c mut Connection) -> Result<Box<dyn Card + 'c>, TransportError> {
        let card = connection.session()?;
        if self.verbose >= 1 {
            let values = [("reader", card.info().reader.as_str()), ("protocol", protocol_name(card.protocol()))];
            self.note(&self.lang().say(Msg::NoteCard, &values));
        }
        if self.verbose < 2 {
            return Ok(card);
        }
        Ok(Box::new(Tracer::new(card, std::io::stderr()).say(self.lang().teller())))
    }

    /// Colours for stdout.
    pub(crate) fn paint(&self) -> Paint {
        Paint::new(self.color)
    }

    /// How reports are shown on stdout.
    pub(crate) fn style(&self) -> Style {
        let (lang, paint, width) = (self.lang(), self.paint(), terminal_width());
        Style { lang, paint, width, show_pan: self.show_pan, objects: false }
    }

    /// Says something on stderr that is no result.
    pub(crate) fn note(&self, text: &str) {
        use std::io::Write;
        if !self.quiet {
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_level_has_an_example() {
        fn check(command: &clap::Command) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Example"), "{}", command.get_name());
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
