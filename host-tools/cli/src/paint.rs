//! Colours, when they are wanted. Everything stays readable without them.

use std::io::IsTerminal;

use crate::args::Color;

/// Wraps text in colours, or does not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    /// Decides for stdout (`NO_COLOR`: <https://no-color.org>).
    pub(crate) fn new(when: Color) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let on = match when {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => !no_color && std::io::stdout().is_terminal(),
        };
        Self { on }
    }

    /// A heading.
    pub(crate) fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// Something of less weight.
    pub(crate) fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// Good.
    pub(crate) fn good(self, text: &str) -> String {
        self.wrap("32", text)
    }

    /// To be looked at.
    pub(crate) fn warning(self, text: &str) -> String {
        self.wrap("33", text)
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colours_text_stays_as_it_is() {
        assert_eq!(Paint::new(Color::Never).bold("x"), "x");
        assert_eq!(Paint::new(Color::Always).bold("x"), "\x1b[1mx\x1b[0m");
    }
}
