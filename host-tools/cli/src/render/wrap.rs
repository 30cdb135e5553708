//! Lines that fit a terminal, measured in columns: a Chinese character takes two.

use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, WordSplitter};

/// What stands before the first line and before those that it goes on in.
#[derive(Clone, Copy)]
pub(crate) struct Indent<'i> {
    /// Before the first.
    pub(crate) first: &'i str,
    /// Before the others.
    pub(crate) rest: &'i str,
}

/// The fewest columns that text is laid out for, whatever the terminal says.
const MIN_WIDTH: usize = 40;
/// The columns of a file or pipe.
pub(crate) const PLAIN_WIDTH: usize = 80;

/// Columns that a text takes on a terminal; colours take none.
pub(crate) fn width_of(text: &str) -> usize {
    display_width(text)
}

/// The text with blanks up to a number of columns.
pub(crate) fn padded(text: &str, columns: usize) -> String {
    text.to_owned() + &" ".repeat(columns.saturating_sub(width_of(text)))
}

/// Columns of the terminal that stdout is; of anything else, what fits everywhere.
pub(crate) fn terminal_width() -> usize {
    match terminal_size::terminal_size_of(std::io::stdout()) {
        Some((terminal_size::Width(columns), _)) if columns > 0 => usize::from(columns).max(MIN_WIDTH),
        _ => PLAIN_WIDTH,
    }
}

/// The text in lines of at most `width` columns, without a line break at the end.
pub(crate) fn wrap(text: &str, width: usize, indent: Indent<'_>) -> String {
    textwrap::fill(text, options(width).initial_indent(indent.first).subsequent_indent(indent.rest))
}

/// The lines of a text in a column of `width`.
pub(crate) fn lines(text: &str, width: usize) -> Vec<String> {
    textwrap::wrap(text, options(width)).into_iter().map(std::borrow::Cow::into_owned).collect()
}

/// Words end at blanks; what has none, such as Chinese or a key, ends anywhere.
fn options(width: usize) -> Options<'static> {
    Options::new(width).word_separator(WordSeparator::AsciiSpace).word_splitter(WordSplitter::NoHyphenation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_characters_are_two_columns_wide() {
        assert_eq!(width_of("银联 UP"), 7);
        assert_eq!(width_of("\u{1b}[1m银联\u{1b}[0m"), 4);
        assert_eq!(lines("测试超市", 4), ["测试", "超市"]);
    }

    #[test]
    fn blanks_fill_columns_not_characters() {
        assert_eq!(padded("卡片", 6), "卡片  ");
        assert_eq!(padded("reader", 3), "reader");
    }

    #[test]
    fn lines_go_on_below_their_text() {
        let indent = Indent { first: "> ", rest: "  " };
        assert_eq!(wrap("00 A4 04 00 0E", 10, indent), "> 00 A4 04\n  00 0E");
        assert_eq!(wrap("0011223344556677", 10, indent), "> 00112233\n  44556677");
    }

    #[test]
    fn a_text_that_fits_stays_as_it_is() {
        assert_eq!(wrap("a  b", 80, Indent { first: "", rest: "" }), "a  b");
        assert_eq!(lines("", 10), [""]);
    }
}
