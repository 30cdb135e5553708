//! What can be typed: C-APDUs in hexadecimal, short forms of the commands that are typed most, what the answer is expected
//! to be, and comments. The same grammar for arguments, lines from stdin, script files and the interactive shell.
//!
//! ```text
//! line     = [ statement ] [ "#" comment ]
//! statement = command [ "->" expected ]
//! command  = "select" name | "read" sfi record | "get" tag | octets
//! name     = "ppse" | "pse" | octets | text with a full stop | text in quotation marks
//! octets   = hexadecimal digits, "0x" before a group, blanks and colons between digits
//! expected = sw { "|" sw }         sw = 4 of hexadecimal digits and "x", which is any digit
//! ```

use std::fmt;

use nom::branch::alt;
use nom::bytes::complete::{tag, tag_no_case, take_while, take_while1};
use nom::combinator::{map, opt, rest};
use nom::error::{ErrorKind, ParseError};
use nom::sequence::preceded;
use nom::{IResult, Offset, Parser};
use tapcard_iso7816::{Command, Sfi, StatusWord, Tag};

use crate::lang::{Msg, Said};

/// Octets of Cla, Ins, P1, P2: no C-APDU is shorter.
pub(crate) const MIN_COMMAND: usize = 4;
/// Octets of a DF name (ISO/IEC 7816-4:2005, 5.3.1).
const MAX_NAME: usize = 16;
/// The directories by the words that people use.
const DIRECTORIES: [(&str, &[u8]); 2] = [("ppse", b"2PAY.SYS.DDF01"), ("pse", b"1PAY.SYS.DDF01")];

/// One command of a script.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    /// The C-APDU.
    pub(crate) command: Vec<u8>,
    /// What SW1-SW2 should be.
    pub(crate) expected: Option<Expected>,
}

/// Shows the length only: the octets may hold a PIN.
impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Statement({} octets, {:?})", self.command.len(), self.expected)
    }
}

/// Status words that will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected(Vec<Pattern>);

/// A status word of which some digits may be any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
struct Pattern {
    value: u16,
    mask: u16,
}

impl Expected {
    /// Whether a status word is one of them.
    pub(crate) fn fits(&self, sw: StatusWord) -> bool {
        self.0.iter().any(|pattern| sw.get() & pattern.mask == pattern.value)
    }
}

/// As it is typed: `9000|61xx`.
impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, pattern) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "|" })?;
            for shift in [12, 8, 4, 0] {
                match pattern.mask >> shift & 0x0F {
                    0 => f.write_str("x")?,
                    _ => write!(f, "{:X}", pattern.value >> shift & 0x0F)?,
                }
            }
        }
        Ok(())
    }
}

/// A mistake in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// At which character, counted from 1.
    pub(crate) column: usize,
    /// What is wrong.
    pub(crate) what: Said,
}

/// Reads one line; `None`: there is nothing but blanks and a comment.
///
/// # Errors
/// The first mistake.
pub(crate) fn parse_line(line: &str) -> Result<Option<Statement>, Mistake> {
    let mistake = |wrong: Wrong<'_>| {
        let before = line.get(..line.offset(wrong.at)).unwrap_or(line);
        Mistake { column: before.chars().count() + 1, what: wrong.what }
    };
    match whole_line(line) {
        Ok((_, statement)) => Ok(statement),
        Err(nom::Err::Error(wrong) | nom::Err::Failure(wrong)) => Err(mistake(wrong)),
        Err(nom::Err::Incomplete(_)) => Err(Mistake { column: 1, what: Msg::LineEndsEarly.into() }),
    }
}

/// Where the grammar does not fit, and why.
#[derive(Debug)]
struct Wrong<'a> {
    at: &'a str,
    what: Said,
}

impl<'a> ParseError<&'a str> for Wrong<'a> {
    fn from_error_kind(at: &'a str, _kind: ErrorKind) -> Self {
        Self { at, what: unexpected(at) }
    }

    fn append(_at: &'a str, _kind: ErrorKind, other: Self) -> Self {
        other
    }
}

fn unexpected(at: &str) -> Said {
    match at.chars().next() {
        Some(found) => Said::new(Msg::NotExpectedHere).with("found", found.escape_debug()),
        None => Msg::LineEndsEarly.into(),
    }
}

/// A mistake that no other rule can mend.
fn wrong<T>(at: &str, what: impl Into<Said>) -> Parsed<'_, T> {
    Err(nom::Err::Failure(Wrong { at, what: what.into() }))
}

type Parsed<'a, T> = IResult<&'a str, T, Wrong<'a>>;

fn blanks(input: &str) -> Parsed<'_, &str> {
    take_while(char::is_whitespace).parse(input)
}

fn whole_line(input: &str) -> Parsed<'_, Option<Statement>> {
    let (input, _) = blanks(input)?;
    let (input, statement) = match input.chars().next() {
        None | Some('#') => (input, None),
        Some(_) => map(statement, Some).parse(input)?,
    };
    let (input, _) = blanks(input)?;
    let (input, _) = opt(preceded(tag("#"), rest)).parse(input)?;
    if input.is_empty() { Ok((input, statement)) } else { wrong(input, unexpected(input)) }
}

fn statement(input: &str) -> Parsed<'_, Statement> {
    let (input, command) = alt((select, read, get, octets)).parse(input)?;
    let (input, _) = blanks(input)?;
    let (input, expected) = opt(preceded(tag("->"), expected)).parse(input)?;
    Ok((input, Statement { command, expected }))
}

/// A word of the grammar, with the blanks behind it.
fn word<'a>(name: &'static str) -> impl Parser<&'a str, Output = &'a str, Error = Wrong<'a>> {
    (tag_no_case(name), take_while1(char::is_whitespace)).map(|(name, _)| name)
}

fn select(input: &str) -> Parsed<'_, Vec<u8>> {
    let (at, _) = word("select").parse(input)?;
    let (input, text) = take_while1(|next: char| next != '#').parse(at)?;
    let text = text.split("->").next().unwrap_or_default().trim_end();
    let behind = at.get(text.len()..).unwrap_or(input);
    let known = DIRECTORIES.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    let name = match (known, as_text(text)) {
        (Some((_, name)), _) => name.to_vec(),
        (None, Some(text)) => text.as_bytes().to_vec(),
        (None, None) => octets(text)?.1,
    };
    match name.len() {
        1..=MAX_NAME => Ok((behind, encoded(&Command::select_name(&name)))),
        length => wrong(at, Said::new(Msg::NameLength).with("length", length).with("most", MAX_NAME)),
    }
}

/// A name that is no hexadecimal: `1PAY.SYS.DDF01`, `"OC"`. A mistyped AID must not be taken for one.
fn as_text(text: &str) -> Option<&str> {
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let dotted = (text.contains('.') && !text.contains(char::is_whitespace)).then_some(text);
    quoted.or(dotted).filter(|text| text.is_ascii())
}

fn read(input: &str) -> Parsed<'_, Vec<u8>> {
    let (at, _) = word("read").parse(input)?;
    let (input, sfi) = number(at)?;
    let Some(sfi) = u8::try_from(sfi).ok().and_then(Sfi::new) else { return wrong(at, Msg::SfiRange) };
    let (at, _) = blanks(input)?;
    let (input, record) = number(at)?;
    match u8::try_from(record) {
        Ok(record @ 1..) => Ok((input, encoded(&Command::read_record(sfi, record)))),
        _ => wrong(at, Msg::RecordRange),
    }
}

fn number(input: &str) -> Parsed<'_, u32> {
    let (behind, digits) = take_while(|next: char| next.is_ascii_digit()).parse(input)?;
    match digits.parse() {
        Ok(number) => Ok((behind, number)),
        Err(_) => wrong(input, Msg::DecimalNeeded),
    }
}

fn get(input: &str) -> Parsed<'_, Vec<u8>> {
    let (at, _) = word("get").parse(input)?;
    let (input, octets) = octets(at)?;
    match Tag::parse(&octets) {
        Ok((tag, length)) if length == octets.len() && length <= 2 => Ok((input, encoded(&Command::get_data(tag)))),
        Ok((_, length)) if length > 2 => wrong(at, Msg::TagTooLong),
        Ok((tag, _)) => wrong(at, Said::new(Msg::BehindTag).with("tag", tag)),
        Err(error) => wrong(at, Said::new(Msg::NotATag).with_term("what", error)),
    }
}

/// The builders' commands are short and fit.
fn encoded(command: &Command<'_>) -> Vec<u8> {
    let mut octets = vec![0; command.encoded_len()];
    let length = command.encode_into(&mut octets).unwrap_or_default();
    octets.truncate(length);
    octets
}

fn octets(start: &str) -> Parsed<'_, Vec<u8>> {
    let mut digits: Vec<u8> = Vec::new();
    let mut input = start;
    loop {
        // `0x` only where a group begins: in `10x20` the x is a mistake.
        let (at, _) = opt(tag_no_case("0x")).parse(input)?;
        let (at, group) = take_while(|next: char| next.is_ascii_hexdigit()).parse(at)?;
        digits
            .extend(group.chars().filter_map(|digit| digit.to_digit(16)).filter_map(|digit| u8::try_from(digit).ok()));
        let (at, between) = take_while(|next: char| next == ':' || next.is_whitespace()).parse(at)?;
        input = at;
        if between.is_empty() || ends(input) {
            break;
        }
    }
    match digits.len() {
        _ if !ends(input) => wrong(input, not_hexadecimal(start, input, digits.is_empty())),
        0 => wrong(start, Msg::CommandNeeded),
        odd if !odd.is_multiple_of(2) => wrong(input, Said::new(Msg::OddHex).with("count", odd)),
        _ => Ok((
            input,
            digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |octet, digit| octet << 4 | digit)).collect(),
        )),
    }
}

/// Whether octets end here.
fn ends(input: &str) -> bool {
    input.is_empty() || input.starts_with('#') || input.starts_with("->")
}

fn not_hexadecimal(start: &str, at: &str, nothing_before: bool) -> Said {
    let word: String = start.chars().take_while(char::is_ascii_alphabetic).collect();
    if nothing_before && ["select", "read", "get"].iter().any(|known| known.eq_ignore_ascii_case(&word)) {
        return Said::new(Msg::HasToFollow).with("word", word);
    }
    if nothing_before && word.len() > 1 {
        return Said::new(Msg::UnknownWord).with("word", word);
    }
    let found = at.chars().next().map(|found| found.escape_debug().to_string()).unwrap_or_default();
    Said::new(Msg::NotHex).with("found", found)
}

fn expected(input: &str) -> Parsed<'_, Expected> {
    let (mut input, first) = preceded(blanks, pattern).parse(input)?;
    let mut patterns = vec![first];
    while let (behind, Some(pattern)) = opt(preceded((blanks, tag("|"), blanks), pattern)).parse(input)? {
        patterns.push(pattern);
        input = behind;
    }
    Ok((input, Expected(patterns)))
}

fn pattern(start: &str) -> Parsed<'_, Pattern> {
    let (input, text) =
        take_while(|next: char| next.is_ascii_hexdigit() || matches!(next, 'x' | 'X') || next == ' ').parse(start)?;
    let digits: Vec<char> = text.chars().filter(|digit| *digit != ' ').collect();
    if digits.len() != 4 {
        return wrong(start, Msg::SwDigits);
    }
    let pattern = digits.iter().fold(Pattern::default(), |pattern, digit| {
        let digit = digit.to_digit(16).and_then(|digit| u16::try_from(digit).ok());
        Pattern {
            value: pattern.value << 4 | digit.unwrap_or_default(),
            mask: pattern.mask << 4 | if digit.is_some() { 0x0F } else { 0 },
        }
    });
    Ok((input, pattern))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sent(line: &str) -> String {
        hex::encode_upper(parse_line(line).unwrap().unwrap().command)
    }

    fn mistake(line: &str) -> (usize, String) {
        let mistake = parse_line(line).unwrap_err();
        (mistake.column, mistake.what.to_string())
    }

    #[test]
    fn octets_are_read_in_every_spelling() {
        for line in
            ["00B2010C00", "00 b2 01 0c 00", "00:B2:01:0C:00", "0x00 0xB2 0X01 0x0C 0x00", "\t00B2 010C00  # first"]
        {
            assert_eq!(sent(line), "00B2010C00", "{line}");
        }
        assert_eq!(sent("00"), "00", "the length is looked at when it is sent");
    }

    #[test]
    fn short_forms_become_commands() {
        for (line, expected) in [
            ("select A0000003330101", "00A4040007A000000333010100"),
            ("SELECT a0 00 00 03 33 # UnionPay", "00A4040005A00000033300"),
            ("select ppse", "00A404000E325041592E5359532E444446303100"),
            ("select 1PAY.SYS.DDF01", "00A404000E315041592E5359532E444446303100"),
            ("select \"OC\"", "00A40400024F4300"),
            ("select PSE -> 9000", "00A404000E315041592E5359532E444446303100"),
            ("read 1 2", "00B2020C00"),
            ("read 30 255", "00B2FFF400"),
            ("get 9F79", "80CA9F7900"),
            ("get 5A", "80CA005A00"),
        ] {
            assert_eq!(sent(line), expected, "{line}");
        }
    }

    #[test]
    fn blanks_and_comments_are_nothing() {
        for line in ["", "   ", "# 00A4", "\t#"] {
            assert_eq!(parse_line(line), Ok(None), "{line:?}");
        }
    }

    #[test]
    fn what_is_expected_may_have_any_digits_and_choices() {
        let expected = |line: &str| parse_line(line).unwrap().unwrap().expected.unwrap();
        let one = expected("00B2010C00 -> 9000 # there");
        assert!(one.fits(StatusWord::OK) && !one.fits(StatusWord::new(0x9001)));
        let several = expected("00B2010C00->61xx | 90 00|6A 8x");
        assert_eq!(several.to_string(), "61xx|9000|6A8x");
        for (sw, fits) in [(0x611C, true), (0x9000, true), (0x6A82, true), (0x6A92, false), (0x6283, false)] {
            assert_eq!(several.fits(StatusWord::new(sw)), fits, "{sw:04X}");
        }
        assert!(expected("00B2010C00 -> xxxx").fits(StatusWord::new(0x1234)));
    }

    #[test]
    fn mistakes_are_named_by_their_column() {
        for (line, column, what) in [
            ("00A4 04g0", 8, "`g` is not hexadecimal"),
            ("10x20", 3, "`x` is not hexadecimal"),
            ("00A4040", 8, "7 hexadecimal digits; an even number is needed"),
            ("00A4040 # odd", 9, "7 hexadecimal digits; an even number is needed"),
            ("  selct A000", 3, "`selct` is neither hexadecimal nor `select`, `read` or `get`"),
            ("select A000000333010102A000000333010102A0", 8, "17 bytes; a name has 1 to 16"),
            ("select A00000033301010", 23, "15 hexadecimal digits; an even number is needed"),
            ("select A00000033301O1 -> 9000", 20, "`O` is not hexadecimal"),
            ("select A00000033301010 -> 9000", 23, "15 hexadecimal digits; an even number is needed"),
            ("select \"\"", 8, "0 bytes; a name has 1 to 16"),
            ("read 0 1", 6, "an SFI is 1 to 30"),
            ("read 31 1", 6, "an SFI is 1 to 30"),
            ("read 1", 7, "a decimal number is needed"),
            ("read 1 0", 8, "a record is 1 to 255"),
            ("read 1 256", 8, "a record is 1 to 255"),
            ("read 1 1 1", 10, "`1` is not expected here"),
            ("read x 1", 6, "a decimal number is needed"),
            ("get DF8101", 5, "GET DATA asks for tags of 1 or 2 bytes"),
            ("get 9F36 01", 5, "something follows the tag 9F36"),
            ("get", 1, "something has to follow `get`"),
            ("-> 9000", 1, "a command is needed before `->`"),
            ("00B2010C00 ->", 14, "SW1-SW2 has 4 digits, such as `9000` or `61xx`"),
            ("00B2010C00 -> 900", 15, "SW1-SW2 has 4 digits, such as `9000` or `61xx`"),
            ("00B2010C00 -> 9000 6A82", 15, "SW1-SW2 has 4 digits, such as `9000` or `61xx`"),
            ("00B2010C00 -> 9000 | ", 22, "SW1-SW2 has 4 digits, such as `9000` or `61xx`"),
            ("00B2010C00 -> 9000 ; 1", 20, "`;` is not expected here"),
            ("卡 00", 1, "`卡` is not hexadecimal"),
            ("00 卡", 4, "`卡` is not hexadecimal"),
        ] {
            assert_eq!(mistake(line), (column, what.to_owned()), "{line}");
        }
    }

    #[test]
    fn debug_shows_no_data() {
        let statement = parse_line("0020008008241234FFFFFFFFFF").unwrap().unwrap();
        assert_eq!(format!("{statement:?}"), "Statement(13 octets, None)");
    }

    proptest! {
        #[test]
        fn any_line_is_read_or_refused_inside_itself(line in "[ -~\u{5361}]{0,40}") {
            if let Err(mistake) = parse_line(&line) {
                prop_assert!(mistake.column <= line.chars().count() + 1, "{mistake:?}");
                prop_assert!(!mistake.what.to_string().is_empty());
            }
        }

        #[test]
        fn octets_survive_any_spelling(octets in prop::collection::vec(any::<u8>(), 1..40), spaced in any::<bool>()) {
            let pairs: Vec<_> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
            let line = pairs.join(if spaced { " " } else { "" });
            prop_assert_eq!(parse_line(&line).unwrap().unwrap().command, octets);
        }

        #[test]
        fn what_is_expected_is_written_as_it_is_read(digits in "[0-9A-Fx]{4}(\\|[0-9A-Fx]{4}){0,3}") {
            let statement = parse_line(&format!("00B2010C00 -> {digits}")).unwrap().unwrap();
            prop_assert_eq!(statement.expected.unwrap().to_string(), digits);
        }
    }
}
