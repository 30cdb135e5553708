//! Aligned columns without lines, measured in columns of a terminal.
//!
//! A table that is too wide for a line goes on below: texts of its last column in lines of their own, and where that leaves
//! no room for the column, whole columns under the others.

use std::io::{self, Write};

use super::NOTHING;
use super::wrap::{Indent, PLAIN_WIDTH, lines, padded, width_of, wrap};

/// Blanks between two columns.
const GAP: usize = 2;
/// Blanks before columns that stand below the others.
const BELOW: usize = 2;
/// The fewest columns in which a text is broken into lines; in fewer it goes below its row.
const MIN_TEXT: usize = 24;
/// The fewest columns that the last column keeps beside the others, its heading apart.
const MIN_LAST: usize = 8;

/// A table with a heading.
pub(crate) struct Table {
    heading: Vec<String>,
    rows: Vec<Vec<String>>,
    right: Vec<usize>,
    width: usize,
}

impl Table {
    /// With these columns.
    pub(crate) fn new(heading: &[&str]) -> Self {
        let heading = heading.iter().map(|&title| title.to_owned()).collect();
        Self { heading, rows: Vec::new(), right: Vec::new(), width: PLAIN_WIDTH }
    }

    /// Numbers in these columns, counted from 0, stand at the right.
    pub(crate) fn right(mut self, columns: &[usize]) -> Self {
        self.right = columns.to_vec();
        self
    }

    /// For lines of so many columns.
    pub(crate) const fn width(mut self, columns: usize) -> Self {
        self.width = columns;
        self
    }

    /// Without the columns in which no row has anything.
    pub(crate) fn without_empty_columns(mut self) -> Self {
        let is_told =
            |column: usize| self.rows.iter().filter_map(|cells| cells.get(column)).any(|cell| cell != NOTHING);
        let told: Vec<_> = (0..self.heading.len()).filter(|column| is_told(*column)).collect();
        let keep = |cells: &mut Vec<String>| {
            *cells = told.iter().filter_map(|column| cells.get_mut(*column).map(std::mem::take)).collect();
        };
        keep(&mut self.heading);
        self.rows.iter_mut().for_each(keep);
        self.right = self.right.iter().filter_map(|column| told.iter().position(|kept| kept == column)).collect();
        self
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// Writes it, each line behind `indent`.
    ///
    /// # Errors
    /// Those of `out`.
    pub(crate) fn write(&self, indent: &str, out: &mut dyn Write) -> io::Result<()> {
        let rows = || std::iter::once(&self.heading).chain(&self.rows);
        let widest = |column: usize| rows().filter_map(|cells| cells.get(column)).map(|cell| width_of(cell)).max();
        let widths: Vec<_> = (0..self.heading.len()).map(|column| widest(column).unwrap_or_default()).collect();
        let least = self.heading.last().map(|title| width_of(title)).unwrap_or_default().max(MIN_LAST);
        let groups = groups(&widths, least, self.width.saturating_sub(indent.len()));
        for cells in rows() {
            for (index, group) in groups.iter().enumerate() {
                let indent = if index == 0 { indent.to_owned() } else { format!("{indent}{:BELOW$}", "") };
                self.write_group(cells, group, &indent, out)?;
            }
        }
        Ok(())
    }

    /// The cells of a row that stand side by side.
    fn write_group(&self, cells: &[String], group: &[Column], indent: &str, out: &mut dyn Write) -> io::Result<()> {
        let cell = |column: &Column| cells.get(column.number).map_or("", String::as_str);
        let is_below = |column: &Column| {
            column.width < MIN_TEXT && column.number + 1 == self.heading.len() && width_of(cell(column)) > column.width
        };
        let (below, beside): (Vec<_>, Vec<_>) = group.iter().partition(|column| is_below(column));
        let texts: Vec<_> = beside.iter().map(|column| lines(cell(column), column.width)).collect();
        for line in 0..texts.iter().map(Vec::len).max().unwrap_or_default() {
            let mut whole = indent.to_owned();
            for (index, (column, text)) in beside.iter().zip(&texts).enumerate() {
                let text = text.get(line).map_or("", String::as_str);
                let blanks = " ".repeat(column.width.saturating_sub(width_of(text)));
                whole.push_str(&" ".repeat(if index == 0 { 0 } else { GAP }));
                let is_number = self.right.contains(&column.number);
                whole.push_str(&if is_number { blanks + text } else { padded(text, column.width) });
            }
            writeln!(out, "{}", whole.trim_end())?;
        }
        let indent = format!("{indent}{:1$}", "", 2 * BELOW);
        for column in below {
            writeln!(out, "{}", wrap(cell(&column), self.width, Indent { first: &indent, rest: &indent }))?;
        }
        Ok(())
    }
}

/// A column and how wide it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Column {
    number: usize,
    width: usize,
}

/// Columns that stand side by side, in lines of at most `limit`. The last one may be as narrow as `least`.
fn groups(widths: &[usize], least: usize, limit: usize) -> Vec<Vec<Column>> {
    let mut groups: Vec<Vec<Column>> = vec![Vec::new()];
    let mut used = 0;
    for (number, &wanted) in widths.iter().enumerate() {
        let gap = if used == 0 { 0 } else { GAP };
        let room = limit.saturating_sub(used + gap);
        let is_last = number + 1 == widths.len();
        let width = if wanted <= room || used == 0 || (is_last && room >= least) {
            wanted.min(room)
        } else {
            groups.push(Vec::new());
            used = BELOW;
            wanted.min(limit.saturating_sub(BELOW))
        };
        let is_first = groups.last().is_none_or(Vec::is_empty);
        used += width + if is_first { 0 } else { GAP };
        if let Some(group) = groups.last_mut() {
            group.push(Column { number, width });
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(table: &Table, indent: &str) -> String {
        let mut out = Vec::new();
        table.write(indent, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_stand_at_the_right_and_lines_end_without_blanks() {
        let mut table = Table::new(&["Date", "Amount", "Merchant"]).right(&[1]);
        table.row(["2018-03-05".into(), "10.00".into(), String::new()]);
        table.row(["-".into(), "1000.00".into(), "银联".into()]);
        let expected = "  Date         Amount  Merchant\n  2018-03-05    10.00\n  -           1000.00  银联\n";
        assert_eq!(written(&table, "  "), expected);
    }

    #[test]
    fn a_column_of_nothing_can_be_left_out() {
        let mut table = Table::new(&["Date", "Balance", "Amount", "Place"]).right(&[1, 2]);
        table.row(["2018-03-05".into(), "-".into(), "10.00".into(), "-".into()]);
        table.row(["-".into(), "-".into(), "9.00".into(), "-".into()]);
        let expected = "Date        Amount\n2018-03-05   10.00\n-             9.00\n";
        assert_eq!(written(&table.without_empty_columns(), ""), expected);
    }

    #[test]
    fn wide_characters_count_twice() {
        let mut table = Table::new(&["货币", "余额"]).right(&[1]);
        table.row(["CNY".into(), "123.45".into()]);
        assert_eq!(written(&table, ""), "货币    余额\nCNY   123.45\n");
    }

    #[test]
    fn a_text_goes_on_in_its_column_or_below_its_row() {
        let mut table = Table::new(&["Date", "Merchant"]).width(40);
        table.row(["2018-03-05".into(), "a shop with a name that is long".into()]);
        let expected = "Date        Merchant\n2018-03-05  a shop with a name that is\n            long\n";
        assert_eq!(written(&table, ""), expected);
        let table = table.width(26);
        let expected = "Date        Merchant\n2018-03-05\n    a shop with a name\n    that is long\n";
        assert_eq!(written(&table, ""), expected);
    }

    #[test]
    fn columns_that_do_not_fit_stand_below() {
        let mut table = Table::new(&["Date", "Time", "Amount"]).right(&[2]).width(24);
        table.row(["2018-03-05".into(), "20:10:33".into(), "10.00".into()]);
        let expected = "  Date        Time\n    Amount\n  2018-03-05  20:10:33\n     10.00\n";
        assert_eq!(written(&table, "  "), expected);
    }

    #[test]
    fn no_line_is_longer_than_it_may_be() {
        for limit in [40, 60, 80, 200] {
            let mut table = Table::new(&["A", "B", "C", "D"]).width(limit);
            table.row(["a".repeat(30), "银".repeat(20), "c".repeat(25), "word ".repeat(30)]);
            let text = written(&table, "    ");
            assert!(text.lines().all(|line| width_of(line) <= limit), "{limit}\n{text}");
        }
    }
}
