//! Octets as people type them: in every way to write them they are the same octets, and an error prints safely.
//!
//! The command line is a program and no library, so the file with its parser is compiled in as it is.
//!
//! Covers: host-tools/cli/src/input.rs
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code, reason = "the target asks for some of it")]
#[path = "../../host-tools/cli/src/input.rs"]
mod input;

#[allow(dead_code, reason = "the parser has some of them")]
#[path = "../../host-tools/cli/src/lang/messages.rs"]
mod messages;

use lang::Lang;

/// What the parser needs of the program around it: messages, here in English only.
mod lang {
    pub(crate) use crate::messages::Msg;

    #[derive(Clone, Copy)]
    #[allow(dead_code, reason = "messages have both")]
    pub(crate) enum Lang {
        En,
        Zh,
    }

    #[derive(Debug, PartialEq)]
    pub(crate) struct Said(pub(crate) String);

    impl Said {
        pub(crate) fn new(message: Msg) -> Self {
            Self(message.text(Lang::En).to_owned())
        }

        pub(crate) fn with(self, name: &str, value: impl ToString) -> Self {
            Self(self.0.replace(&format!("{{{name}}}"), &value.to_string()))
        }

        pub(crate) fn with_said(self, name: &str, said: Self) -> Self {
            self.with(name, said.0)
        }
    }

    impl From<Msg> for Said {
        fn from(message: Msg) -> Self {
            Self::new(message)
        }
    }
}

/// And its exit codes.
mod exit {
    #[derive(Debug, PartialEq)]
    pub(crate) enum Code {
        Usage,
        BadInput,
    }

    #[derive(Debug)]
    pub(crate) struct Failure(pub(crate) Code, pub(crate) String);

    impl Failure {
        pub(crate) fn say(code: Code, said: impl Into<crate::lang::Said>) -> Self {
            Self(code, said.into().0)
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let piped = input::octets("-", &mut &data[..]);
    let Ok(text) = str::from_utf8(data) else {
        assert_eq!(piped.expect_err("not text").0, exit::Code::BadInput);
        return;
    };
    let octets = match input::parse(text) {
        Ok(octets) => octets,
        Err(lang::Said(what)) => {
            assert!(!what.is_empty() && !what.chars().any(char::is_control), "{what:?} would steer the terminal");
            assert!(piped.is_err_and(|failure| failure.0 == exit::Code::BadInput && failure.1.ends_with(&what)));
            return;
        }
    };
    assert_eq!(piped.expect("the same text"), octets);
    assert!(!octets.is_empty() && 2 * octets.len() <= text.len());
    let digits: Vec<_> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    for written in [digits.concat(), digits.join(":"), digits.join("\r\n "), format!("0x{}", digits.join(" 0X"))] {
        assert_eq!(input::parse(&written).as_ref(), Ok(&octets));
        assert_eq!(input::parse(&written.to_uppercase()).as_ref(), Ok(&octets));
    }
    let typed: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    assert!(typed.len() >= 2 * octets.len() && is_subsequence(&digits.concat(), &typed.to_lowercase()));
    assert!(
        text.char_indices().filter(|(_, found)| matches!(found, 'x' | 'X')).all(|(at, _)| begins_group(&text[..at]))
    );
});

/// Whether `0x` stands where octets may begin: its zero is no second digit of an octet.
fn begins_group(before: &str) -> bool {
    before.strip_suffix('0').is_some_and(|before| !before.ends_with(|found: char| found.is_ascii_hexdigit()))
}

/// Only the zeroes of `0x` are left out of what was typed.
fn is_subsequence(part: &str, whole: &str) -> bool {
    let mut rest = whole.chars();
    part.chars().all(|wanted| rest.any(|found| found == wanted))
}
