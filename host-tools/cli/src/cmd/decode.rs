//! `tapcard decode`: data of a card, explained. What data mean stands in `tapcard_decode`; here is how they are typed.

use std::io::Write;

use tapcard_decode::{Context, Explained, Guess, Input, Kind, Sureness, explain, explain_guessed, guess, render};
use tapcard_emv::Scheme;
use tapcard_iso7816::{Command, Ins};

use super::write_json;
use crate::args::Global;
use crate::exit::{Code, Failure};
use crate::input;
use crate::lang::{Lang, Msg, Said};

const EXAMPLES: &str = "\
Examples:
  tapcard decode tlv 6F0A8408A000000333010101
  tapcard decode tvr 0000048000
  tapcard decode iad 06010A03A4B800 --scheme visa
  tapcard decode sw 6985 --for 'GENERATE AC'
  tapcard decode dol-data 9F02065F2A02 0000000010000156
  tapcard decode apdu 80CA9F3600 9F360200019000
  tapcard decode - < record.hex

Kinds: tlv dol dol-data atr ats sw apdu tag aip auc tvr tsi cvm-list cvm-results term-caps
add-term-caps ttq ctq iad ffi track2 afl aid.
`dol-data` takes the list and the data, `apdu` a command, an answer or both: two arguments, or two
lines on stdin. Without a kind the data decide, and stderr says what they were taken for, and why.
Exit codes: 2 an argument is not hexadecimal, 7 the data are not of the kind or end too early";

/// Explain data of a card.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What the data are, and the data in hexadecimal; `-` reads them from stdin.
    #[arg(required = true, value_name = "[KIND] HEX")]
    words: Vec<String>,
    /// Whose card it is, where that changes what data mean; without it an AID in the data tells.
    #[arg(long, value_parser = parse_scheme)]
    scheme: Option<Scheme>,
    /// Which command a status word answers: a C-APDU, its instruction byte or its name.
    #[arg(long = "for", value_name = "COMMAND", value_parser = parse_command)]
    command: Option<Ins>,
}

pub(crate) fn run(args: &Args, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let (kind, words) = split(&args.words)?;
    let data = Data::read(kind, words)?;
    let context = Context { scheme: args.scheme, show_pan: global.show_pan, command: args.command };
    let explained = match kind {
        Some(kind) => explain(kind, data.input(), &context),
        None => explain_guessed(data.input(), &context),
    };
    if let Some(guess) = &explained.guess {
        global.note(&guessed(guess, global.lang()));
    }
    if global.json {
        write_json(&render::to_json(&explained), out)?;
    } else if !explained.nodes.is_empty() {
        let paint = global.paint();
        let style = render::Style {
            tag: &|text| paint.bold(text),
            name: &|text| paint.dim(text),
            warning: &|text| paint.warning(text),
            say: &|text| global.lang().term(text),
        };
        render::write_text(&explained, style, out)?;
    }
    not_whole(&explained).map_or(Ok(()), |failure| Err(failure.into()))
}

/// The kind, if the first word is one, and the words of the data.
fn split(words: &[String]) -> Result<(Option<Kind>, &[String]), Failure> {
    let usage = |message: Msg, word: &str| Failure::say(Code::Usage, Said::new(message).with("word", word));
    match words {
        [word] if Kind::from_word(word).is_some() => Err(usage(Msg::KindAlone, word)),
        [first, rest @ ..] => match Kind::from_word(first) {
            Some(kind) => Ok((Some(kind), rest)),
            None if !rest.is_empty() && first != "-" && input::parse(first).is_err() && first.len() > 1 => {
                Err(usage(Msg::UnknownKind, first))
            }
            None => Ok((None, words)),
        },
        [] => Ok((None, words)),
    }
}

/// The octets that were typed.
struct Data {
    first: Vec<u8>,
    second: Option<Vec<u8>>,
}

impl Data {
    fn read(kind: Option<Kind>, words: &[String]) -> Result<Self, Failure> {
        let stdin = &mut std::io::stdin().lock();
        match words {
            [word] if word == "-" => {
                let text = input::text(stdin)?;
                let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
                Self::of(kind, &lines, &text).map_err(input::from_stdin)
            }
            [first, second] if kind.is_some_and(Kind::takes_two) && (first == "-" || second == "-") => {
                if first == second {
                    return Err(Failure::say(Code::Usage, Msg::OneDash));
                }
                Ok(Self { first: input::octets(first, stdin)?, second: Some(input::octets(second, stdin)?) })
            }
            words => {
                let words: Vec<_> = words.iter().map(String::as_str).collect();
                Self::of(kind, &words, &words.join(" ")).map_err(|what| Failure::say(Code::Usage, what))
            }
        }
    }

    /// Two parts, where the kind has two and there are two; all of the text as one part otherwise.
    fn of(kind: Option<Kind>, parts: &[&str], text: &str) -> Result<Self, Said> {
        let whole = Self { first: input::parse(text)?, second: None };
        let two = match parts {
            [first, second] => input::parse(first).ok().zip(input::parse(second).ok()),
            _ => None,
        };
        let two = two.map(|(first, second)| Self { first, second: Some(second) });
        match (kind, two) {
            (Some(Kind::DolData), None) => Err(Msg::TwoParts.into()),
            (Some(Kind::DolData), Some(two)) => Ok(two),
            // Shorter ones are octets that were typed with blanks.
            (Some(Kind::Apdu), Some(two)) if two.first.len() >= 4 => Ok(two),
            (None, Some(two)) if two.is_certain() && !whole.is_certain() => Ok(two),
            _ => Ok(whole),
        }
    }

    fn input(&self) -> Input<'_> {
        Input { first: &self.first, second: self.second.as_deref() }
    }

    fn is_certain(&self) -> bool {
        guess(self.input()).sure == Sureness::Certain
    }
}

/// What data were taken for.
fn guessed(guess: &Guess, lang: Lang) -> String {
    let Guess { kind, sure, why, others } = guess;
    let said = Said::new(Msg::Guessed).with("kind", kind).with_term("sure", sure).with_term("why", why);
    let mut note = said.text(lang);
    if !others.is_empty() {
        let words: Vec<_> = others.iter().map(|kind| format!("`{kind}`")).collect();
        note += &lang.say(Msg::GuessOthers, &[("others", &words.join(", "))]);
    }
    if *sure != Sureness::Certain {
        note += &Said::new(Msg::GuessHint).with("kind", kind).text(lang);
    }
    note
}

fn not_whole(explained: &Explained) -> Option<Failure> {
    let remainder = explained.remainder.as_ref()?;
    let says_where = remainder.offset == 0 || remainder.error.contains("at byte");
    let said = Said::new(if says_where { Msg::NotWhole } else { Msg::NotWholeAt }).with("kind", explained.kind);
    Some(Failure::say(Code::BadInput, said.with_term("what", &remainder.error).with("offset", remainder.offset)))
}

/// Text without regard to case, blanks and hyphens.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

/// A scheme by its name.
fn parse_scheme(text: &str) -> Result<Scheme, String> {
    let schemes: Vec<_> = tapcard_emv::objects().iter().filter_map(|object| object.scheme).collect();
    let found = schemes.iter().find(|scheme| plain(scheme.name()) == plain(text)).copied();
    found.ok_or_else(|| {
        let mut names: Vec<_> = schemes.iter().map(|scheme| scheme.name()).collect();
        names.sort_unstable();
        names.dedup();
        format!("no scheme with data objects of its own; there is {}", names.join(", "))
    })
}

/// A command by its octets, its instruction byte or its name.
fn parse_command(text: &str) -> Result<Ins, String> {
    let names = |ins: &Ins| {
        let names = ins.name().unwrap_or_default().replace(" or ", ", ");
        names.split(", ").any(|name| plain(name) == plain(text))
    };
    if let Some(ins) = Ins::NAMED.iter().find(|ins| names(ins)) {
        return Ok(*ins);
    }
    match input::parse(text).as_deref() {
        Ok([ins]) => Ok(Ins::from(*ins)),
        Ok(octets) => Command::parse(octets).map(|command| command.ins()).map_err(|error| error.to_string()),
        Err(_) => Err("no name of a command, no instruction byte, no C-APDU".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_in_the_help() {
        for kind in Kind::ALL {
            assert!(EXAMPLES.replace('\n', " ").contains(&format!(" {kind}")), "{kind}");
        }
    }

    #[test]
    fn schemes_are_found_in_any_spelling() {
        assert_eq!(parse_scheme("unionpay"), Ok(Scheme::UnionPay));
        assert_eq!(parse_scheme("MASTERCARD"), Ok(Scheme::Mastercard));
        assert!(parse_scheme("bank").unwrap_err().contains("UnionPay"));
    }

    #[test]
    fn commands_are_found_by_octet_name_and_apdu() {
        for text in ["B2", "read record", "READ-RECORD", "00B2010C00", "0xB2"] {
            assert_eq!(parse_command(text), Ok(Ins::ReadRecord), "{text}");
        }
        assert_eq!(parse_command("generate ac"), Ok(Ins::GenerateAc));
        assert!(parse_command("00B2").is_err() && parse_command("read").is_err());
    }

    #[test]
    fn two_words_are_two_parts_where_that_makes_sense() {
        let second = |kind, words: &[&str]| Data::of(kind, words, &words.join(" ")).unwrap().second;
        let is_two = |kind, words: &[&str]| second(kind, words).is_some();
        assert!(is_two(Some(Kind::DolData), &["9A03", "261121"]));
        assert!(is_two(Some(Kind::Apdu), &["00B2010C00", "9000"]));
        assert!(!is_two(Some(Kind::Apdu), &["90", "00"]));
        assert!(!is_two(Some(Kind::Tlv), &["9F79", "06000000010000"]));
        assert!(is_two(None, &["80CA9F3600", "9F360200019000"]));
        assert!(!is_two(None, &["9F79", "06000000010000"]) && !is_two(None, &["5A08", "6210948000000011"]));
        assert!(Data::of(Some(Kind::DolData), &["9A03"], "9A03").is_err());
    }
}
