//! `tapcard completions`: what a shell needs to complete our commands and options.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::json;

use super::write_json;
use crate::args::{Cli, Global};

const EXAMPLES: &str = "\
Examples:
  tapcard completions bash > ~/.local/share/bash-completion/completions/tapcard
  tapcard completions zsh > ~/.zfunc/_tapcard
  tapcard completions fish > ~/.config/fish/completions/tapcard.fish";

/// Print completions for a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The shell.
    shell: Shell,
}

pub(crate) fn run(args: &Args, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "tapcard", &mut script);
    if global.json {
        let script = String::from_utf8_lossy(&script);
        return write_json(
            &json!({"schema": "tapcard.completions/1", "shell": args.shell.to_string(), "script": script}),
            out,
        );
    }
    Ok(out.write_all(&script)?)
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn every_shell_learns_every_command() {
        for shell in Shell::value_variants() {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "tapcard", &mut script);
            let script = String::from_utf8(script).unwrap();
            for command in Cli::command().get_subcommands() {
                assert!(script.contains(command.get_name()), "{shell} {}", command.get_name());
            }
        }
    }
}
