//! Chinese for what other crates explain in English: bits, status words in context, parts of a value, errors, purses.
//!
//! `decoded.tsv` has a text and its Chinese in each line. `{a}` stands for any text, which is looked up in its turn, so that
//! `bit 7: SDA` needs no line of its own. A line that begins with `~` is of punctuation only: it counts where something
//! between has a translation, whatever the place at which the text is cut.

use std::collections::HashMap;
use std::sync::LazyLock;

/// How deep texts are taken apart: `bit 7: second GENERATE AC: AAC` has 3 levels.
const MAX_DEPTH: usize = 4;
/// Places at which a text is tried to be cut: a long list is told as it is.
const MAX_CUTS: usize = 6;

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::of(include_str!("decoded.tsv")));

/// The Chinese text, if any part of it is known.
pub(super) fn zh(text: &str) -> Option<String> {
    TABLE.translate(text, 0)
}

/// Every line of the table: the English and the Chinese.
#[cfg(test)]
pub(super) fn entries() -> impl Iterator<Item = (&'static str, &'static str)> {
    rows(include_str!("decoded.tsv"))
}

fn rows(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
}

/// Lines without places, and those with them in their order.
struct Table {
    whole: HashMap<&'static str, &'static str>,
    patterns: Vec<Pattern>,
}

/// A line with places.
struct Pattern {
    /// What stands before, between and behind the places.
    literals: Vec<&'static str>,
    /// The names of the places.
    names: Vec<&'static str>,
    zh: &'static str,
    /// Of punctuation only.
    loose: bool,
}

impl Table {
    fn of(text: &'static str) -> Self {
        let (patterns, whole): (Vec<_>, Vec<_>) = rows(text).partition(|(en, _)| en.contains('{'));
        let mut patterns: Vec<_> = patterns.into_iter().map(|(en, zh)| Pattern::of(en, zh)).collect();
        // Among equals the line that says most: `record {a} authenticated offline` before `record {a}`.
        patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.literals.concat().len()));
        Self { whole: whole.into_iter().collect(), patterns }
    }

    fn translate(&self, text: &str, depth: usize) -> Option<String> {
        if let Some(zh) = self.whole.get(text) {
            return Some((*zh).to_owned());
        }
        if let Some(zh) = super::terms::whole(text) {
            return Some(zh);
        }
        if depth == MAX_DEPTH {
            return None;
        }
        if let Some((sw, rest)) = text.split_once(' ').filter(|(sw, _)| is_status_word(sw))
            && let Some(zh) = self.translate(rest, depth + 1)
        {
            return Some(format!("{sw} {zh}"));
        }
        super::terms::named(text).or_else(|| self.parts(text, depth))
    }

    /// A text taken apart by whichever line leaves the least of it untranslated.
    fn parts(&self, text: &str, depth: usize) -> Option<String> {
        let cuts = self.patterns.iter().flat_map(|pattern| {
            let cuts = pattern.cuts(text).into_iter();
            cuts.map(move |parts| (pattern, self.fill(pattern, &parts, depth)))
        });
        let said = cuts.filter(|(pattern, (known, _))| !pattern.loose || *known > 0).map(|(_, (_, said))| said);
        said.min_by_key(|said| said.bytes().filter(u8::is_ascii_lowercase).count())
    }

    /// The Chinese with its places filled, and how many of these have a translation.
    fn fill(&self, pattern: &Pattern, parts: &[&str], depth: usize) -> (usize, String) {
        let found: Vec<_> = parts.iter().map(|part| self.translate(part, depth + 1)).collect();
        let known = found.iter().flatten().count();
        let mut said = String::new();
        let mut rest = pattern.zh;
        while let Some((before, name, behind)) = super::place(rest) {
            said.push_str(before);
            let index = pattern.names.iter().position(|known| *known == name);
            let value = index.and_then(|index| found.get(index)?.as_deref().or(parts.get(index).copied()));
            said.push_str(value.unwrap_or_default());
            rest = behind;
        }
        (known, said + rest)
    }
}

/// `6A82`: what traces put before its meaning.
fn is_status_word(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'A'..=b'F'))
}

impl Pattern {
    fn of(en: &'static str, zh: &'static str) -> Self {
        let loose = en.starts_with('~');
        let (mut literals, mut names) = (Vec::new(), Vec::new());
        let mut rest = en.trim_start_matches('~');
        while let Some((before, name, behind)) = super::place(rest) {
            literals.push(before);
            names.push(name);
            rest = behind;
        }
        literals.push(rest);
        Self { literals, names, zh, loose }
    }

    /// The texts in the places: of a loose pattern for every place at which the text can be cut, else for the first.
    fn cuts<'t>(&self, text: &'t str) -> Vec<Vec<&'t str>> {
        let [first, between @ .., last] = self.literals.as_slice() else { return Vec::new() };
        let inner = text.strip_prefix(first).and_then(|text| text.strip_suffix(last));
        let Some(inner) = inner.filter(|inner| !inner.is_empty()) else { return Vec::new() };
        if let ([literal], true) = (between, self.loose) {
            let cuts = inner.match_indices(literal);
            return cuts.take(MAX_CUTS).map(|(at, _)| vec![&inner[..at], &inner[at + literal.len()..]]).collect();
        }
        let (mut parts, mut rest) = (Vec::new(), inner);
        for literal in between {
            let Some((part, behind)) = rest.split_once(literal) else { return Vec::new() };
            parts.push(part);
            rest = behind;
        }
        parts.push(rest);
        // A number or a name stands in a place, not nothing.
        if parts.iter().any(|part| part.is_empty()) { Vec::new() } else { vec![parts] }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{is_chinese, places};
    use super::*;

    #[test]
    fn texts_are_taken_apart_as_far_as_they_are_known() {
        for (en, expected) in [
            ("bit 7: terminal risk management was performed", "第 7 位：已执行终端风险管理"),
            ("bits 8-7: second GENERATE AC: not requested", "第 8-7 位：第二次 GENERATE AC：未请求"),
            (
                "plaintext PIN verified by the card, and signature (03), if the terminal supports the CVM (03); on failure the next rule",
                "卡片验证明文 PIN 并签名（03），终端支持该方法时（03）；失败后用下一条规则",
            ),
            ("6A82 file or application not found", "6A82 未找到文件或应用"),
            ("9000 done, 12 bytes", "9000 成功，12 字节"),
            ("bits 8-1: octets that follow", "第 8-1 位：后续字节数"),
            ("records 1 to 4, record 1 authenticated offline", "记录 1 至 4，记录 1 参与脱机认证"),
            ("621094******0011 (check digit right)", "621094******0011（校验位正确）"),
            ("READ RECORD: 1 of SFI 2", "READ RECORD：SFI 2 的记录 1"),
            ("CNY (Renminbi (Chinese) yuan), 2 decimals", "CNY（人民币），2 位小数"),
            ("registered in China (CN)", "在中国 (CN)注册"),
        ] {
            assert_eq!(zh(en).as_deref().unwrap_or("-"), expected, "{en}");
        }
    }

    #[test]
    fn what_a_card_says_stays_as_it_is() {
        for text in ["TEST METRO", "A0 00 00 03 33", "a, b; c: d (e)", "9F7A:1 9F02:6", ""] {
            assert_eq!(zh(text), None, "{text}");
        }
    }

    #[test]
    fn places_are_the_same_in_both_languages() {
        for (en, zh) in entries() {
            assert_eq!(places(en), places(zh), "{en}");
            let is_written_otherwise = !zh.is_ascii();
            assert!(is_chinese(zh) || is_written_otherwise, "{en}");
        }
    }

    #[test]
    fn every_line_stands_once() {
        let mut seen = std::collections::BTreeSet::new();
        for (en, _) in entries() {
            assert!(seen.insert(en) && super::super::terms::whole(en).is_none(), "{en}");
        }
    }
}
