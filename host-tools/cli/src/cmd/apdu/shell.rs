//! The interactive shell: one line, one answer, with history and completion.
//!
//! The prompt stands on the terminal itself, answers on stdout, so that these can be kept in a file.

use std::io::Write;
use std::path::PathBuf;

use rustyline::completion::Completer;
use rustyline::config::{Behavior, Config};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::Validator;
use rustyline::{Editor, Helper};
use tapcard_transport::transcript::protocol_name;

use super::history::{self, History};
use super::{Session, sendable, show, under_way};
use crate::args::Global;
use crate::exit::{Code, Failure};
use crate::lang::{Msg, Said};
use crate::render::spaced_hex;
use crate::render::text::interface_name;

const PROMPT: &str = "tapcard> ";
/// What a line may begin with, besides octets.
const WORDS: [&str; 6] = ["select ", "read ", "get ", "card", "help", "quit"];
/// What may follow `select`.
const NAMES: [&str; 2] = ["select ppse", "select pse"];

/// Reads lines until there are no more.
pub(super) fn run(
    mut session: Session<'_>,
    file: Option<PathBuf>,
    global: &Global,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut prompt = Prompt::new(file, global)?;
    let info = session.dialogue.card().info();
    let values = [("reader", info.reader.as_str()), ("protocol", protocol_name(session.dialogue.card().protocol()))];
    global.note(&global.lang().say(Msg::ShellWelcome, &values));
    while let Some(line) = prompt.next(global)? {
        match line.trim() {
            "quit" | "exit" => break,
            "help" | "?" => writeln!(out, "{}", global.lang().text(Msg::ShellHelp))?,
            "card" => card(&session, out)?,
            line => answer(&mut session, line, global, out)?,
        }
        out.flush()?;
    }
    // What a card refused was seen; a shell that was left is no failure.
    Ok(())
}

fn answer(session: &mut Session<'_>, line: &str, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let lang = global.lang();
    match sendable(line, session.raw) {
        Ok(Some(statement)) => {
            let _busy = under_way();
            let exchanged = session.send(statement)?;
            show::text(&exchanged, session.style, out)?;
        }
        Ok(None) => {}
        Err(mistake) => {
            let indent = PROMPT.len() + mistake.column - 1;
            let said = format!("{:indent$}^ {}", "", mistake.what.text(lang));
            let _ = writeln!(std::io::stderr(), "{said}");
        }
    }
    Ok(())
}

/// What is known of the card before the first APDU.
fn card(session: &Session<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    let card = session.dialogue.card();
    let info = card.info();
    let interface = session.style.lang.text(interface_name(info.interface));
    writeln!(out, "{} ({interface}, {})", info.reader, protocol_name(card.protocol()))?;
    for (name, octets) in [("ATR", &info.atr), ("UID", &info.uid)] {
        if let Some(octets) = octets {
            writeln!(out, "{name} {}", spaced_hex(octets))?;
        }
    }
    Ok(())
}

/// The line editor and what it remembers.
struct Prompt {
    editor: Editor<Words, MemHistory>,
    history: Option<History>,
}

impl Prompt {
    fn new(file: Option<PathBuf>, global: &Global) -> anyhow::Result<Self> {
        let config = Config::builder()
            .auto_add_history(false)
            .max_history_size(history::CAPACITY)
            .and_then(|config| config.history_ignore_dups(true))
            .map_err(terminal)?
            .behavior(Behavior::PreferTerm)
            .build();
        let memory = MemHistory::with_config(&config);
        let mut editor = Editor::with_history(config, memory).map_err(terminal)?;
        editor.set_helper(Some(Words));
        let mut prompt = Self { editor, history: None };
        match file.map(|file| History::open(&file)).transpose() {
            Ok(Some((history, lines))) => {
                for line in lines {
                    prompt.editor.add_history_entry(line).map_err(terminal)?;
                }
                prompt.history = Some(history);
            }
            Ok(None) => {}
            Err(error) => global.note(&global.lang().say(Msg::NoHistory, &[("what", &error.to_string())])),
        }
        Ok(prompt)
    }

    /// The next line; `None`: there are no more.
    fn next(&mut self, global: &Global) -> anyhow::Result<Option<String>> {
        loop {
            match self.editor.readline(PROMPT) {
                Ok(line) => {
                    self.remember(&line, global)?;
                    return Ok(Some(line));
                }
                Err(ReadlineError::Interrupted) => global.note(global.lang().text(Msg::ShellInterrupted)),
                Err(ReadlineError::Eof) => return Ok(None),
                Err(error) => return Err(terminal(error).into()),
            }
        }
    }

    fn remember(&mut self, line: &str, global: &Global) -> anyhow::Result<()> {
        if !history::may_be_kept(line) {
            return Ok(());
        }
        self.editor.add_history_entry(line).map_err(terminal)?;
        let kept = self.history.as_mut().map_or(Ok(()), |history| history.add(line));
        if let Err(error) = kept {
            self.history = None;
            global.note(&global.lang().say(Msg::NoHistory, &[("what", &error.to_string())]));
        }
        Ok(())
    }
}

/// A terminal that cannot be read from.
fn terminal(error: ReadlineError) -> Failure {
    Failure::say(Code::BadInput, Said::new(Msg::TerminalFailed).with("what", error))
}

/// Completes the words of the grammar.
struct Words;

impl Completer for Words {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &rustyline::Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok((0, completions(line.get(..position).unwrap_or_default())))
    }
}

impl Hinter for Words {
    type Hint = String;
}
impl Highlighter for Words {}
impl Validator for Words {}
impl Helper for Words {}

/// Whole beginnings of lines that start with what was typed.
fn completions(typed: &str) -> Vec<String> {
    let fitting = |words: &[&str]| {
        words.iter().filter(|word| word.starts_with(typed)).map(|word| (*word).to_owned()).collect::<Vec<_>>()
    };
    if typed.contains(' ') { fitting(&NAMES) } else { fitting(&WORDS) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_completed_and_octets_are_not() {
        assert_eq!(completions("se"), ["select "]);
        assert_eq!(completions("select p"), NAMES);
        assert_eq!(completions("").len(), WORDS.len());
        assert_eq!(completions("00A4"), Vec::<String>::new());
    }

    #[test]
    fn every_word_is_explained() {
        let help = Msg::ShellHelp.text(crate::lang::Lang::En);
        for word in WORDS {
            assert!(help.contains(word.trim()), "{word}");
        }
    }
}
