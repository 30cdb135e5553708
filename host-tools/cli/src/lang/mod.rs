//! The language that people are spoken to in: English or Chinese, by `--lang`, else by the locale.
//!
//! JSON is for programs and always English. So are the standards' own terms (PAN, AIP, SW1-SW2), the names of data objects,
//! what registers say (owners of AIDs, merchant categories), and what only somebody who repairs a file needs (which member of
//! its JSON is wrong).
//!
//! | File | Holds |
//! |---|---|
//! | `messages` | what this program says itself, both languages side by side |
//! | `terms` | Chinese for what readings meet: status words, warnings, currencies |
//! | `decoded` | Chinese for what other crates explain: bits, parts of values, purses, errors |
//! | `errors` | Chinese for errors of other crates, by their variants |
//! | `help` | Chinese for `--help` |
//!
//! The messages are a plain table and not Fluent or gettext files: there are two languages, one of them without plurals or
//! cases; the compiler proves that every message has both; nothing is looked up in files that may be missing or broken at
//! run time; and it costs no dependency. With a third language, or translators who do not compile, Fluent would be right.

mod decoded;
mod errors;
pub(crate) mod help;
mod messages;
mod terms;

use std::fmt;

use clap::ValueEnum;

pub(crate) use errors::cause;
pub(crate) use messages::Msg;
pub(crate) use terms::name as region_or_currency;

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// English.
    En,
    /// Chinese, in simplified characters.
    Zh,
}

/// Where a locale is looked for; the first that is set decides (POSIX.1-2017, 8.2).
const LOCALE_VARIABLES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

impl Lang {
    /// The language of the locale.
    pub(crate) fn of_locale() -> Self {
        Self::of_variables(|name| std::env::var(name).ok())
    }

    fn of_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = LOCALE_VARIABLES.iter().filter_map(|name| variable(name)).find(|value| !value.is_empty());
        set.map_or(Self::En, |locale| Self::of(&locale))
    }

    /// `zh_CN.UTF-8` and the like are Chinese. A terminal of another character set would show our octets as rubbish.
    fn of(locale: &str) -> Self {
        let (language, charset) = locale.split_once('.').unwrap_or((locale, "UTF-8"));
        let charset = charset.split('@').next().unwrap_or_default().to_ascii_uppercase();
        let language = language.split(['_', '-', '@']).next().unwrap_or_default();
        if language == "zh" && matches!(charset.as_str(), "UTF-8" | "UTF8") { Self::Zh } else { Self::En }
    }

    /// The language that the arguments ask for, before they are parsed: `--help` and usage errors are spoken too.
    pub(crate) fn of_arguments(arguments: &[String]) -> Self {
        let mut asked = None;
        for (index, argument) in arguments.iter().enumerate().take_while(|(_, argument)| *argument != "--") {
            let value = match argument.strip_prefix("--lang") {
                Some("") => arguments.get(index + 1).map(String::as_str),
                Some(rest) => rest.strip_prefix('='),
                None => None,
            };
            asked = value.and_then(|value| Self::from_str(value, false).ok()).or(asked);
        }
        asked.unwrap_or_else(Self::of_locale)
    }

    /// A message.
    pub(crate) const fn text(self, message: Msg) -> &'static str {
        message.text(self)
    }

    /// A message with its places filled in: `{name}` stands for the value called `name`.
    pub(crate) fn say(self, message: Msg, values: &[(&str, &str)]) -> String {
        let mut said = String::new();
        let mut rest = self.text(message);
        // One pass: what a value brings is not looked through for places again.
        while let Some((before, name, behind)) = place(rest) {
            said.push_str(before);
            said.push_str(values.iter().find(|(known, _)| *known == name).map_or("?", |(_, value)| value));
            rest = behind;
        }
        said + rest
    }

    /// A text of another crate; as it is where it has no translation.
    pub(crate) fn term(self, text: &str) -> String {
        match self {
            Self::En => text.to_owned(),
            Self::Zh => decoded::zh(text).unwrap_or_else(|| text.to_owned()),
        }
    }

    /// [`Self::term`] as a function, for crates that know no languages.
    pub(crate) const fn teller(self) -> fn(&str) -> String {
        match self {
            Self::En => str::to_owned,
            Self::Zh => |text| Self::Zh.term(text),
        }
    }

    /// `1 APDU`, `2 APDUs`.
    pub(crate) fn counted(self, count: usize, one: Msg, many: Msg) -> String {
        self.say(if count == 1 { one } else { many }, &[("count", &count.to_string())])
    }

    /// What stands between a name and its value in a sentence.
    pub(crate) const fn colon(self) -> &'static str {
        match self {
            Self::En => ": ",
            Self::Zh => "：",
        }
    }
}

/// A message together with the values for its places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    message: Msg,
    values: Vec<(&'static str, Value)>,
}

/// What stands in a place of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    /// The same in every language.
    Text(String),
    /// A message of its own.
    Said(Said),
    /// A text of another crate, translated where that is known.
    Term(String),
}

impl Value {
    fn text(&self, lang: Lang) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Said(said) => said.text(lang),
            Self::Term(text) => lang.term(text),
        }
    }
}

impl Said {
    /// Without values.
    pub(crate) const fn new(message: Msg) -> Self {
        Self { message, values: Vec::new() }
    }

    /// With a value for the place called `name`.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "values and references alike, so that a call reads as a sentence"
    )]
    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, Value::Text(value.to_string())));
        self
    }

    /// With another message in the place called `name`.
    pub(crate) fn with_said(mut self, name: &'static str, said: Self) -> Self {
        self.values.push((name, Value::Said(said)));
        self
    }

    /// With a text of another crate in the place called `name`.
    #[expect(clippy::needless_pass_by_value, reason = "as in `with`")]
    pub(crate) fn with_term(mut self, name: &'static str, text: impl ToString) -> Self {
        self.values.push((name, Value::Term(text.to_string())));
        self
    }

    /// The text in a language.
    pub(crate) fn text(&self, lang: Lang) -> String {
        let values: Vec<_> = self.values.iter().map(|(name, value)| (*name, value.text(lang))).collect();
        lang.say(self.message, &values.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>())
    }
}

/// In English, for whoever takes errors as text (clap).
impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

impl std::error::Error for Said {}

impl From<Msg> for Said {
    fn from(message: Msg) -> Self {
        Self::new(message)
    }
}

/// The first place of a message: what stands before it, its name, what stands behind it.
fn place(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, behind) = rest.split_once('}')?;
    Some((before, name, behind))
}

/// The names of all places of a message, in alphabetical order.
#[cfg(test)]
fn places(mut text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    while let Some((_, name, behind)) = place(text) {
        found.push(name);
        text = behind;
    }
    found.sort_unstable();
    found
}

/// Whether a text has Chinese characters.
#[cfg(test)]
fn is_chinese(text: &str) -> bool {
    text.chars().any(|character| ('\u{4E00}'..='\u{9FFF}').contains(&character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let lang = |set: &[(&str, &str)]| {
            Lang::of_variables(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into()))
        };
        assert_eq!(lang(&[]), Lang::En);
        assert_eq!(lang(&[("LANG", "zh_CN.UTF-8")]), Lang::Zh);
        assert_eq!(lang(&[("LC_ALL", ""), ("LC_MESSAGES", "zh_CN.utf8"), ("LANG", "C")]), Lang::Zh);
        assert_eq!(lang(&[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")]), Lang::En);
    }

    #[test]
    fn chinese_is_spoken_where_its_characters_can_be_shown() {
        for (locale, expected) in [
            ("zh_CN.UTF-8", Lang::Zh),
            ("zh_TW.utf8", Lang::Zh),
            ("zh-Hans", Lang::Zh),
            ("zh", Lang::Zh),
            ("zh_CN.UTF-8@pinyin", Lang::Zh),
            ("zh_CN.GB18030", Lang::En),
            ("de_DE.UTF-8", Lang::En),
            ("zha_CN.UTF-8", Lang::En),
            ("POSIX", Lang::En),
        ] {
            assert_eq!(Lang::of(locale), expected, "{locale}");
        }
    }

    #[test]
    fn the_arguments_are_asked_before_the_locale() {
        let lang = |line: &str| Lang::of_arguments(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(lang("tapcard --lang zh read"), Lang::Zh);
        assert_eq!(lang("tapcard read --lang=zh --help"), Lang::Zh);
        assert_eq!(lang("tapcard --lang zh read --lang en"), Lang::En);
        assert_eq!(lang("tapcard apdu --lang en -- --lang zh"), Lang::En);
    }

    #[test]
    fn places_are_filled_once() {
        let said = Lang::En.say(Msg::UnknownReader, &[("wanted", "{known}"), ("known", "B")]);
        assert_eq!(said, "no reader is called `{known}`; there is B");
    }
}
