//! Octets that the user types or pipes in: hexadecimal with blanks, colons, `0x`, line breaks, in any case.

use std::io::Read;

use crate::exit::{Code, Failure};

/// The most text that is taken from stdin.
const MAX_STDIN: u64 = 8 << 20;

/// Reads octets from an argument, or from `stdin` when the argument is `-`.
///
/// # Errors
/// A usage failure for a wrong argument, a bad-input failure for wrong text from stdin; both say where.
pub(crate) fn octets(argument: &str, stdin: &mut dyn Read) -> Result<Vec<u8>, Failure> {
    if argument != "-" {
        return parse(argument).map_err(|what| Failure::new(Code::Usage, what));
    }
    parse(&text(stdin)?).map_err(|what| cannot(&what))
}

/// The text of `stdin`.
///
/// # Errors
/// A bad-input failure when it cannot be read or is no text.
pub(crate) fn text(stdin: &mut dyn Read) -> Result<String, Failure> {
    let mut text = String::new();
    stdin.take(MAX_STDIN).read_to_string(&mut text).map_err(|error| cannot(&error.to_string()))?;
    Ok(text)
}

fn cannot(what: &str) -> Failure {
    Failure::new(Code::BadInput, format!("stdin: {what}"))
}

/// Octets of hexadecimal text.
///
/// # Errors
/// What is wrong and at which character, counted from 1.
pub(crate) fn parse(text: &str) -> Result<Vec<u8>, String> {
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
                    return Err(format!(
                        "`{}` at character {} is not hexadecimal",
                        character.escape_debug(),
                        position + 1
                    ));
                }
            },
        }
    }
    if digits.is_empty() {
        return Err("no hexadecimal digits; `-` reads them from stdin".to_owned());
    }
    if !digits.len().is_multiple_of(2) {
        return Err(format!("{} hexadecimal digits; an even number is needed", digits.len()));
    }
    Ok(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |octet, digit| octet << 4 | digit)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_octets_is_read() {
        for text in ["9f7906", "9F 79 06", "9F:79:06", "0x9F 0x79 0X06", "0x9F7906\n", " 9\n F79 06\r\n"] {
            assert_eq!(parse(text), Ok(vec![0x9F, 0x79, 0x06]), "{text:?}");
        }
    }

    #[test]
    fn mistakes_are_named_by_their_place() {
        assert_eq!(parse("9F7g"), Err("`g` at character 4 is not hexadecimal".into()));
        assert_eq!(parse("10x20"), Err("`x` at character 3 is not hexadecimal".into()));
        assert_eq!(parse("卡12"), Err("`卡` at character 1 is not hexadecimal".into()));
        assert_eq!(parse("\u{1b}["), Err("`\\u{1b}` at character 1 is not hexadecimal".into()));
        assert_eq!(parse("123"), Err("3 hexadecimal digits; an even number is needed".into()));
        assert_eq!(parse(" "), Err("no hexadecimal digits; `-` reads them from stdin".into()));
        assert_eq!(parse("0x"), Err("no hexadecimal digits; `-` reads them from stdin".into()));
    }

    #[test]
    fn stdin_and_arguments_fail_with_their_own_codes() {
        let code = |failure: Failure| crate::exit::code(&failure.into());
        assert_eq!(octets("-", &mut &b"9000"[..]).unwrap(), [0x90, 0x00]);
        assert_eq!(code(octets("-", &mut &b"xyz"[..]).unwrap_err()), Code::BadInput);
        assert_eq!(code(octets("xyz", &mut &b""[..]).unwrap_err()), Code::Usage);
    }
}
