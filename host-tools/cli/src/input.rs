//! Octets that the user types or pipes in: hexadecimal with blanks, colons, `0x`, line breaks, in any case.

use std::io::Read;

use crate::exit::{Code, Failure};
use crate::lang::{Msg, Said};

/// The most text that is taken from stdin.
const MAX_STDIN: u64 = 8 << 20;

/// Reads octets from an argument, or from `stdin` when the argument is `-`.
///
/// # Errors
/// A usage failure for a wrong argument, a bad-input failure for wrong text from stdin; both say where.
pub(crate) fn octets(argument: &str, stdin: &mut dyn Read) -> Result<Vec<u8>, Failure> {
    if argument != "-" {
        return parse(argument).map_err(|what| Failure::say(Code::Usage, what));
    }
    parse(&text(stdin)?).map_err(from_stdin)
}

/// The text of `stdin`.
///
/// # Errors
/// A bad-input failure when it cannot be read or is no text.
pub(crate) fn text(stdin: &mut dyn Read) -> Result<String, Failure> {
    let mut text = String::new();
    stdin
        .take(MAX_STDIN)
        .read_to_string(&mut text)
        .map_err(|error| from_stdin(Said::new(Msg::Plain).with("what", error)))?;
    Ok(text)
}

/// A failure of what came from stdin.
pub(crate) fn from_stdin(what: Said) -> Failure {
    Failure::say(Code::BadInput, Said::new(Msg::Stdin).with_said("what", what))
}

/// Octets of hexadecimal text.
///
/// # Errors
/// What is wrong and at which character, counted from 1.
pub(crate) fn parse(text: &str) -> Result<Vec<u8>, Said> {
    let mut digits = Vec::new();
    let mut characters = text.char_indices().enumerate().peekable();
    while let Some((position, (at, character))) = characters.next() {
        // Only at the start of a group: in `10x20` the x is a mistake.
        let starts_group = text.get(..at).is_none_or(|before| !before.ends_with(|c: char| c.is_ascii_hexdigit()));
        let next_is_x = characters.peek().is_some_and(|(_, (_, next))| matches!(next, 'x' | 'X'));
        match character {
            '0' if starts_group && next_is_x => {
                characters.next();
            }
            _ if character.is_whitespace() || character == ':' => {}
            _ => match character.to_digit(16).and_then(|digit| u8::try_from(digit).ok()) {
                Some(digit) => digits.push(digit),
                None => {
                    let said = Said::new(Msg::NotHexAt).with("found", character.escape_debug());
                    return Err(said.with("position", position + 1));
                }
            },
        }
    }
    if digits.is_empty() {
        return Err(Msg::NoHex.into());
    }
    if !digits.len().is_multiple_of(2) {
        return Err(Said::new(Msg::OddHex).with("count", digits.len()));
    }
    Ok(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |octet, digit| octet << 4 | digit)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn every_way_to_write_octets_is_read() {
        for text in ["9f7906", "9F 79 06", "9F:79:06", "0x9F 0x79 0X06", "0x9F7906\n", " 9\n F79 06\r\n"] {
            assert_eq!(parse(text), Ok(vec![0x9F, 0x79, 0x06]), "{text:?}");
        }
    }

    #[test]
    fn mistakes_are_named_by_their_place() {
        assert_eq!(mistake("9F7g"), "`g` at character 4 is not hexadecimal");
        assert_eq!(mistake("10x20"), "`x` at character 3 is not hexadecimal");
        assert_eq!(mistake("卡12"), "`卡` at character 1 is not hexadecimal");
        assert_eq!(mistake("\u{1b}["), "`\\u{1b}` at character 1 is not hexadecimal");
        assert_eq!(mistake("123"), "3 hexadecimal digits; an even number is needed");
        assert_eq!(mistake(" "), "no hexadecimal digits; `-` reads them from stdin");
        assert_eq!(mistake("0x"), "no hexadecimal digits; `-` reads them from stdin");
    }

    #[test]
    fn stdin_and_arguments_fail_with_their_own_codes() {
        let code = |failure: Failure| crate::exit::code(&failure.into());
        assert_eq!(octets("-", &mut &b"9000"[..]).unwrap(), [0x90, 0x00]);
        assert_eq!(code(octets("-", &mut &b"xyz"[..]).unwrap_err()), Code::BadInput);
        assert_eq!(code(octets("xyz", &mut &b""[..]).unwrap_err()), Code::Usage);
    }
}
