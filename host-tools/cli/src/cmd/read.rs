//! `tapcard read`: everything that a card tells.

use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use tapcard_emv::Aid;
use tapcard_report::{ApplicationState, CardReport, ReadOptions};
use tapcard_terminal::TerminalData;
use tapcard_transport::{Card, Recorder, TransportError};
use time::OffsetDateTime;

use super::write_json;
use crate::args::Global;
use crate::exit::{Code, Failure};
use crate::lang::{Msg, Said};
use crate::render::text::Style;
use crate::render::{json, text};

const EXAMPLES: &str = "\
Examples:
  tapcard read                                   the card in the only reader that holds one
  tapcard read -r virtual:pboc-ec --json         an emulated card, as JSON
  tapcard read --full --record card.json         with its records, and keep a masked recording
  tapcard read -r replay:card.json               the recording again

Nothing on the card changes without `--full`; with it the card counts one transaction (ATC).
Exit code 4: every application refused, or there is none.";

/// Read everything that a card tells.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Also start a transaction and read every record; the card's transaction counter goes up by one.
    #[arg(long)]
    full: bool,
    /// Only the application with this AID, in hexadecimal.
    #[arg(long, value_parser = parse_aid)]
    aid: Option<Aid>,
    /// Keep the dialogue in FILE, without account numbers, track data and names.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Keep the dialogue as it is: the recording holds the card's data in full.
    #[arg(long, requires = "record")]
    raw: bool,
    /// Also list every data object.
    #[arg(long)]
    objects: bool,
}

pub(crate) fn run(args: &Args, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    if args.full {
        global.note(global.lang().text(Msg::NoteFull));
    }
    let report = read(args, global).context("cannot read the card")?;
    if global.json {
        write_json(&json::card(&report, global.show_pan), out)?;
    } else {
        let style = Style { objects: args.objects, ..global.style() };
        text::card(&report, style, out)?;
    }
    refused(&report.applications.iter().map(|one| one.state).collect::<Vec<_>>())
}

fn read(args: &Args, global: &Global) -> anyhow::Result<CardReport> {
    let mut connection = global.connect()?;
    let mut card = global.session(&mut connection)?;
    let options = ReadOptions { full: args.full, aid: args.aid, limits: true, terminal: terminal_data()? };
    let Some(file) = &args.record else { return Ok(tapcard_report::read(&mut card, &options)?) };
    let mut recorder = Recorder::new(card);
    // A dialogue that ends too early is the one worth keeping.
    let report = tapcard_report::read(&mut recorder, &options);
    keep(&recorder, file, args.raw)?;
    let (count, name) = (recorder.exchanges().len().to_string(), file.display().to_string());
    global.note(&global.lang().say(Msg::NoteRecorded, &[("count", &count), ("file", &name)]));
    Ok(report?)
}

/// Writes the recording for its owner alone: even masked it says much about a person.
fn keep<C: Card>(recorder: &Recorder<C>, file: &Path, raw: bool) -> anyhow::Result<()> {
    let id = file.file_stem().map_or_else(|| "recording".to_owned(), |stem| stem.to_string_lossy().into_owned());
    let transcript = if raw { recorder.raw(&id) } else { recorder.masked(&id) };
    let written =
        super::private(OpenOptions::new().write(true).create(true).truncate(true)).open(file).and_then(|file| {
            let mut file = BufWriter::new(file);
            transcript.write(&mut file)?;
            file.flush()
        });
    Ok(written.map_err(|error| TransportError::file(file, format!("the recording cannot be written: {error}")))?)
}

/// What the card is told of this terminal: the time, and a number that it cannot know before.
pub(crate) fn terminal_data() -> anyhow::Result<TerminalData> {
    let now = OffsetDateTime::now_utc();
    let mut unpredictable_number = [0; 4];
    getrandom::fill(&mut unpredictable_number).context("the system gives no random numbers")?;
    let year = u8::try_from(now.year().rem_euclid(100)).unwrap_or_default();
    Ok(TerminalData {
        date: [year, now.month().into(), now.day()].map(bcd),
        time: [now.hour(), now.minute(), now.second()].map(bcd),
        unpredictable_number,
        ..TerminalData::default()
    })
}

const fn bcd(number: u8) -> u8 {
    number / 10 % 10 * 16 + number % 10
}

/// An AID as typed.
pub(crate) fn parse_aid(text: &str) -> Result<Aid, String> {
    Aid::new(&crate::input::parse(text).map_err(|what| what.to_string())?).map_err(|error| error.to_string())
}

/// A card that refused everything is shown, and is no success.
pub(crate) fn refused(states: &[ApplicationState]) -> anyhow::Result<()> {
    let message = match states {
        [] => Msg::NoApplication,
        states if states.contains(&ApplicationState::Active) => return Ok(()),
        states if states.contains(&ApplicationState::Unknown) => return Ok(()),
        _ => Msg::AllBlocked,
    };
    Err(Failure::say(Code::CardRefused, Said::new(message)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aid_is_five_to_sixteen_octets() {
        assert!(parse_aid("A0000003330101").is_ok());
        assert!(parse_aid("A000").is_err());
        assert_eq!(parse_aid("A0000003330x").unwrap_err(), "`x` at character 12 is not hexadecimal");
    }

    #[test]
    fn only_a_card_that_refuses_everything_is_a_failure() {
        use ApplicationState::{Active, Blocked, Unknown};
        assert!(refused(&[Blocked, Active]).is_ok());
        assert!(refused(&[Unknown]).is_ok());
        assert_eq!(crate::exit::code(&refused(&[Blocked]).unwrap_err()), Code::CardRefused);
        assert_eq!(crate::exit::code(&refused(&[]).unwrap_err()), Code::CardRefused);
    }

    #[test]
    fn the_date_is_bcd() {
        assert_eq!([0, 9, 10, 59, 99].map(bcd), [0x00, 0x09, 0x10, 0x59, 0x99]);
    }
}
