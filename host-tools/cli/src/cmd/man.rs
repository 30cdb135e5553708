//! `tapcard man`: manual pages, one for each command.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::CommandFactory;
use serde_json::json;

use super::write_json;
use crate::args::{Cli, Global};
use crate::lang::Msg;

const EXAMPLES: &str = "\
Example:
  tapcard man ~/.local/share/man/man1 && man tapcard-read";

/// Write manual pages.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The folder to write to; it is made if it is not there.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(crate) fn run(args: &Args, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let pages = write(&args.folder).context("cannot write the manual pages")?;
    let folder = args.folder.display().to_string();
    if global.json {
        return write_json(&json!({"schema": "tapcard.man/1", "folder": folder, "pages": pages}), out);
    }
    let count = pages.len().to_string();
    Ok(writeln!(out, "{}", global.lang().say(Msg::ManWritten, &[("count", &count), ("folder", &folder)]))?)
}

/// Writes the pages and gives their names in order.
fn write(folder: &Path) -> std::io::Result<Vec<String>> {
    std::fs::create_dir_all(folder)?;
    // There is no page for `help`: it only repeats the others.
    clap_mangen::generate_to(Cli::command().disable_help_subcommand(true), folder)?;
    let mut pages = names("tapcard", &Cli::command());
    pages.sort_unstable();
    Ok(pages)
}

fn names(prefix: &str, command: &clap::Command) -> Vec<String> {
    let mut found = vec![format!("{prefix}.1")];
    for below in command.get_subcommands() {
        found.extend(names(&format!("{prefix}-{}", below.get_name()), below));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_that_are_named_are_the_pages_that_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let named = write(&folder.path().join("man1")).unwrap();
        let entries = std::fs::read_dir(folder.path().join("man1")).unwrap();
        let mut written: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        written.sort_unstable();
        assert_eq!(named, written);
        assert!(named.contains(&"tapcard-card-new.1".to_owned()));
    }
}
