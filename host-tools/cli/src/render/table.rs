//! Aligned columns without lines.

use std::io::{self, Write};

/// Blanks between two columns.
const GAP: usize = 2;

/// A table with a heading. The last column may hold anything; wide characters belong there, they are not measured.
pub(crate) struct Table {
    heading: Vec<String>,
    rows: Vec<Vec<String>>,
    right: Vec<usize>,
}

impl Table {
    /// With these columns.
    pub(crate) fn new(heading: &[&str]) -> Self {
        Self { heading: heading.iter().map(|&title| title.to_owned()).collect(), rows: Vec::new(), right: Vec::new() }
    }

    /// Numbers in these columns, counted from 0, stand at the right.
    pub(crate) fn right(mut self, columns: &[usize]) -> Self {
        self.right = columns.to_vec();
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
        let lines = || std::iter::once(&self.heading).chain(&self.rows);
        let width = |column: usize| {
            lines().filter_map(|cells| cells.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<_> = (0..self.heading.len()).map(width).collect();
        for cells in lines() {
            let mut line = indent.to_owned();
            for (column, (cell, width)) in cells.iter().zip(&widths).enumerate() {
                let blanks = " ".repeat(width.saturating_sub(cell.chars().count()));
                let gap = if column == 0 { "" } else { &" ".repeat(GAP) };
                line.push_str(gap);
                line.push_str(&if self.right.contains(&column) { blanks + cell } else { cell.clone() + &blanks });
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_at_the_right_and_lines_end_without_blanks() {
        let mut table = Table::new(&["Date", "Amount", "Merchant"]).right(&[1]);
        table.row(["2018-03-05".into(), "10.00".into(), String::new()]);
        table.row(["-".into(), "1000.00".into(), "银联".into()]);
        let mut out = Vec::new();
        table.write("  ", &mut out).unwrap();
        let expected = "  Date         Amount  Merchant\n  2018-03-05    10.00\n  -           1000.00  银联\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
