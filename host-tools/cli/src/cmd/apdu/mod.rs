//! `tapcard apdu`: raw C-APDUs to a card, explained. The commands come from arguments, from stdin line by line, from a
//! script file, or from somebody at a terminal; `script` is what can be written in all of these.

mod dialogue;
mod history;
mod script;
mod shell;
mod show;

use std::io::{BufRead, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use serde_json::{Map, Value, json};
use tapcard_iso7816::Command;
use tapcard_transport::TransportError;
use tapcard_transport::mask::carries_secret;

use super::write_json;
use crate::args::Global;
use crate::exit::{Code, Failure};
use crate::input::from_stdin;
use crate::lang::{Lang, Msg, Said};
use crate::render::wrap::terminal_width;
use dialogue::{Dialogue, Exchanged};
use script::{MIN_COMMAND, Mistake, Statement};

const EXAMPLES: &str = "\
Examples:
  tapcard apdu 'select A0000003330101' 'get 9F79' -r virtual:pboc-ec
  tapcard apdu 00A4040007A000000333010100 80CA9F7900 --json
  printf 'select ppse -> 9000\\nread 1 1\\n' | tapcard apdu -
  tapcard apdu --script check.apdu
  tapcard apdu                            the interactive shell, with history; `help` in it says more

A line is a C-APDU in hexadecimal, `select NAME`, `read SFI REC` or `get TAG`, then perhaps `-> 9000`: what the answer should
be (`61xx`, `9000|6A82`), then perhaps `# a comment`. All commands go in one transaction; what they change on the card is up
to whoever writes them. PINs and keys are taken from stdin, a script or the shell only, and are shown and kept nowhere.
Exit codes: 1 an answer is not as expected, 4 the card refused a command and nothing was expected, 7 a broken script.";

/// The first member of every JSON document.
const SCHEMA: &str = "tapcard.apdu/1";
/// The longest script.
const MAX_SCRIPT: u64 = 8 << 20;
/// The longest line from stdin: an extended C-APDU with blanks and a comment.
const MAX_LINE: u64 = 1 << 20;

/// Held while an APDU is under way and until its answer is written: Ctrl-C waits for both.
static UNDER_WAY: Mutex<()> = Mutex::new(());
/// What a shell makes of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Send raw APDUs and explain the answers.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// C-APDUs, one in each argument; `-` reads lines from stdin and answers each as it comes.
    #[arg(value_name = "HEX")]
    commands: Vec<String>,
    /// Run a script. It is read to its end before anything is sent.
    #[arg(long, value_name = "FILE", conflicts_with = "commands")]
    script: Option<PathBuf>,
    /// Go on after an answer that is not as expected.
    #[arg(short, long)]
    keep_going: bool,
    /// Send every C-APDU as it is: follow neither 61xx nor 6Cxx, check nothing.
    #[arg(long)]
    raw_protocol: bool,
    /// In the shell: read and write no history file.
    #[arg(long)]
    no_history: bool,
}

pub(crate) fn run(args: &Args, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let commands: Vec<_> = args.commands.iter().map(String::as_str).collect();
    let statements = match (&args.script, commands.as_slice()) {
        (Some(file), _) => Some(read_script(file, args.raw_protocol)?),
        (None, ["-"]) => None,
        (None, []) if std::io::stdin().is_terminal() && !global.json => return interactive(args, global, out),
        (None, []) => return Err(Failure::say(Code::Usage, Msg::ApduNothing).into()),
        (None, commands) => Some(from_arguments(commands, args.raw_protocol)?),
    };
    talk(args, global, |mut session| match statements {
        Some(statements) => session.run_all(statements, global.json, out),
        None => session.run_lines(&mut std::io::stdin().lock(), global.json, out),
    })
}

fn interactive(args: &Args, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let history = if args.no_history { None } else { history::file() };
    talk(args, global, |session| shell::run(session, history, global, out))
}

/// Opens the card and holds it for everything that `what` does.
fn talk(args: &Args, global: &Global, what: impl FnOnce(Session<'_>) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut connection = global.connect().context("cannot talk to the card")?;
    let card = global.session(&mut connection).context("cannot talk to the card")?;
    // A card in the middle of a command may be left in a state that nobody wanted.
    ctrlc::set_handler(|| {
        let _done = under_way();
        std::process::exit(INTERRUPTED);
    })
    .context("cannot wait for Ctrl-C")?;
    let style =
        show::Style { lang: global.lang(), paint: global.paint(), width: terminal_width(), show_pan: global.show_pan };
    let dialogue = Dialogue::new(card, args.raw_protocol, global.show_pan);
    what(Session { dialogue, style, raw: args.raw_protocol, keep_going: args.keep_going, tally: Tally::default() })
}

fn under_way() -> MutexGuard<'static, ()> {
    UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a mistake in a line is told as.
fn text_of(mistake: Mistake, file: &str, line: usize) -> Failure {
    let said = Said::new(Msg::ApduAt).with("file", file).with("line", line);
    Failure::say(Code::BadInput, said.with("column", mistake.column).with_said("what", mistake.what))
}

/// A statement that can be sent, or why not.
fn sendable(line: &str, raw: bool) -> Result<Option<Statement>, Mistake> {
    let Some(statement) = script::parse_line(line)? else { return Ok(None) };
    let count = statement.command.len();
    // Blanks in front are no part of the command.
    let column = 1 + line.chars().take_while(|character| character.is_whitespace()).count();
    if count < MIN_COMMAND {
        return Err(Mistake { column, what: Said::new(Msg::ApduTooShort).with("count", count) });
    }
    match Command::parse(&statement.command) {
        Err(error) if !raw => Err(Mistake { column, what: Said::new(Msg::ApduMalformed).with_term("what", error) }),
        _ => Ok(Some(statement)),
    }
}

fn from_arguments(arguments: &[&str], raw: bool) -> Result<Vec<Statement>, Failure> {
    let mut statements = Vec::new();
    for (index, argument) in arguments.iter().enumerate() {
        let number = index + 1;
        let wrong = |mistake: Mistake| {
            let what = match arguments.len() {
                1 => mistake.what,
                _ => Said::new(Msg::ApduQuotes).with_said("what", mistake.what),
            };
            let said = Said::new(Msg::ApduArgument).with("number", number).with("column", mistake.column);
            Failure::say(Code::Usage, said.with_said("what", what))
        };
        let statement = sendable(argument, raw).map_err(wrong)?;
        if statement.as_ref().is_some_and(|statement| carries_secret(&statement.command)) {
            return Err(Failure::say(Code::Usage, Said::new(Msg::ApduSecret).with("number", number)));
        }
        statements.extend(statement);
    }
    match statements.is_empty() {
        true => Err(Failure::say(Code::Usage, Msg::ApduNothing)),
        false => Ok(statements),
    }
}

/// Every statement of a file; nothing of a broken script is sent.
fn read_script(file: &Path, raw: bool) -> anyhow::Result<Vec<Statement>> {
    let mut text = String::new();
    let read = std::fs::File::open(file).and_then(|script| script.take(MAX_SCRIPT + 1).read_to_string(&mut text));
    read.map_err(|error| TransportError::file(file, format!("cannot be read: {error}")))?;
    if text.len() as u64 > MAX_SCRIPT {
        return Err(TransportError::file(file, format!("longer than the {MAX_SCRIPT} bytes that are read")).into());
    }
    let name = file.display().to_string();
    let mut statements = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let statement = sendable(line, raw).map_err(|mistake| text_of(mistake, &name, index + 1))?;
        statements.extend(statement);
    }
    Ok(statements)
}

/// What came of all commands together.
#[derive(Default)]
struct Tally {
    sent: usize,
    apdus: usize,
    unexpected: usize,
    /// The first command that the card refused or answered with rubbish.
    failed: Option<Said>,
}

impl Tally {
    fn take(&mut self, exchanged: &Exchanged, lang: Lang) {
        self.sent += 1;
        self.apdus += exchanged.apdus;
        self.unexpected += usize::from(exchanged.met == Some(false));
        let number = exchanged.number;
        let failed = match (&exchanged.answer, exchanged.sw) {
            (Err(error), _) => Some(Said::new(Msg::ApduBroken).with("number", number).with_term("what", error)),
            (Ok(_), Some(sw)) if exchanged.is_refused() => {
                let text = show::status_text(sw, show::ins(exchanged), lang);
                Some(Said::new(Msg::ApduRefused).with("sw", sw).with("number", number).with("text", text))
            }
            _ => None,
        };
        self.failed = self.failed.take().or(failed);
    }

    /// The outcome as the exit code tells it.
    fn outcome(self) -> anyhow::Result<()> {
        if self.unexpected > 0 {
            let said = Said::new(Msg::ApduUnexpected).with("count", self.unexpected).with("all", self.sent);
            return Err(Failure::say(Code::No, said).into());
        }
        match self.failed {
            Some(said) => Err(Failure::say(Code::CardRefused, said).into()),
            None => Ok(()),
        }
    }
}

/// A card that is held, and how its answers are shown.
struct Session<'c> {
    dialogue: Dialogue<'c>,
    style: show::Style,
    raw: bool,
    keep_going: bool,
    tally: Tally,
}

impl Session<'_> {
    fn send(&mut self, statement: Statement) -> anyhow::Result<Exchanged> {
        let exchanged = self.dialogue.send(statement).context("cannot talk to the card")?;
        self.tally.take(&exchanged, self.style.lang);
        Ok(exchanged)
    }

    /// Whether to stop behind this exchange.
    fn is_over(&self, exchanged: &Exchanged) -> bool {
        exchanged.met == Some(false) && !self.keep_going
    }

    /// All statements, then one document.
    fn run_all(&mut self, statements: Vec<Statement>, as_json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
        let mut documents = Vec::new();
        for statement in statements {
            let _busy = under_way();
            let exchanged = self.send(statement)?;
            match as_json {
                true => documents.push(Value::Object(show::json(&exchanged, self.style.show_pan))),
                false => show::text(&exchanged, self.style, out)?,
            }
            out.flush()?;
            if self.is_over(&exchanged) {
                break;
            }
        }
        if as_json {
            let info = self.dialogue.card().info();
            let document = json!({
                "schema": SCHEMA,
                "reader": info.reader,
                "interface": info.interface.as_str(),
                "atr": info.atr.as_ref().map(hex::encode_upper),
                "exchanges": documents,
                "apdus": self.tally.apdus,
            });
            write_json(&document, out)?;
        }
        std::mem::take(&mut self.tally).outcome()
    }

    /// Each line as it comes: whoever writes may wait for the answer before it writes on.
    fn run_lines(&mut self, input: &mut dyn BufRead, as_json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
        for number in 1.. {
            let Some(line) = next_line(input)? else { break };
            let statement = sendable(&line, self.raw);
            let Some(statement) = statement.map_err(|mistake| text_of(mistake, "stdin", number))? else { continue };
            let _busy = under_way();
            let exchanged = self.send(statement)?;
            if as_json {
                let mut document = Map::new();
                document.insert("schema".into(), json!(SCHEMA));
                document.insert("line".into(), json!(number));
                document.extend(show::json(&exchanged, self.style.show_pan));
                writeln!(out, "{}", Value::Object(document))?;
            } else {
                show::text(&exchanged, self.style, out)?;
            }
            out.flush()?;
            if self.is_over(&exchanged) {
                break;
            }
        }
        std::mem::take(&mut self.tally).outcome()
    }
}

fn next_line(input: &mut dyn BufRead) -> Result<Option<String>, Failure> {
    let mut line = String::new();
    let length = input
        .take(MAX_LINE)
        .read_line(&mut line)
        .map_err(|error| from_stdin(Said::new(Msg::Plain).with("what", error)))?;
    if length as u64 == MAX_LINE && !line.ends_with('\n') {
        return Err(from_stdin(Said::new(Msg::LineTooLong).with("most", MAX_LINE)));
    }
    Ok((length > 0).then_some(line))
}
