//! Chinese for people, English for programs.

#![allow(clippy::unwrap_used, reason = "a panic in a test is its failure")]

mod support;

use snapbox::str;
use support::{pulled_out, stored, tapcard};

const CARD: [&str; 2] = ["-r", "virtual:pboc-ec"];

#[test]
fn a_card_and_its_balance_are_told_in_chinese() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| tapcard(folder.path()).args(CARD).args(arguments).args(["--lang", "zh"]).assert();
    run(&["read"]).code(0).stdout_eq(stored("read-zh.txt")).stderr_eq("");
    run(&["read", "--full", "--objects", "-q"]).code(0).stdout_eq(stored("read-full-zh.txt")).stderr_eq("");
    run(&["balance"]).code(0).stdout_eq(stored("balance-zh.txt")).stderr_eq("");
    run(&["balance", "--limits"]).code(0).stdout_eq(stored("balance-limits-zh.txt")).stderr_eq("");
}

#[test]
fn the_locale_decides_unless_the_language_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let run = |locale: &str, more: &[&str]| {
        tapcard(folder.path()).env("LC_ALL", locale).args(CARD).arg("balance").args(more).assert().code(0)
    };
    run("zh_CN.UTF-8", &[]).stdout_eq(stored("balance-zh.txt"));
    run("zh_CN.UTF-8", &["--lang", "en"]).stdout_eq(stored("balance.txt"));
    run("zh_CN.GB2312", &[]).stdout_eq(stored("balance.txt"));
    run("C", &[]).stdout_eq(stored("balance.txt"));
}

#[test]
fn json_is_the_same_in_every_language() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| tapcard(folder.path()).args(CARD).args(arguments).args(["--lang", "zh"]).assert();
    run(&["read", "--json"]).code(0).stdout_eq(stored("read.json"));
    run(&["balance", "--json"]).code(0).stdout_eq(stored("balance.json"));
    let doctor = |lang: &str| {
        let output = tapcard(folder.path()).args(["doctor", "--json", "--lang", lang]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(doctor("zh"), doctor("en"));
}

#[test]
fn errors_and_notes_are_told_in_chinese() {
    let folder = tempfile::tempdir().unwrap();
    let spec = pulled_out(folder.path());
    let run = |arguments: &[&str]| tapcard(folder.path()).args(arguments).args(["--lang", "zh"]).assert();
    run(&["read", "-r", &spec]).code(3).stdout_eq("").stderr_eq(str![[r#"
错误：无法读取卡片：读取完成前卡片被移走；请将卡片留在读卡器中重试

"#]]);
    run(&["read", "-r", "acr122"]).code(2).stderr_eq(str![[r#"
错误：无法读取卡片：`acr122` 不是读卡器：可写 `pcsc:NAME`、`virtual:PROFILE`、`virtual:FILE`、`replay:FILE#NAME` 或 `pn532:PORT`

"#]]);
    run(&["balance"]).code(3).stderr_eq(str![[r#"
错误：无法读取余额：没有 PC/SC 服务：`pcscd` 未运行；`tapcard doctor` 说明如何启动，`--reader virtual:pboc-ec` 是模拟卡

"#]]);
    run(&["read", "--full", "-v", "-r", "virtual:pboc-ec"]).code(0).stderr_eq(str![[r#"
提示：`--full` 会启动一笔交易，卡片的交易计数器（ATC）加一
提示：卡片位于 `virtual:pboc-ec`，协议 T=1

"#]]);
}

#[test]
fn a_language_that_is_not_spoken_is_usage() {
    let folder = tempfile::tempdir().unwrap();
    tapcard(folder.path()).args(["readers", "--lang", "fr"]).assert().code(2).stdout_eq("");
}

#[test]
fn no_line_is_wider_than_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    for (lang, profile) in [("en", "pboc-ec"), ("zh", "pboc-ec"), ("en", "t-union"), ("zh", "t-union"), ("en", "visa")]
    {
        let run = tapcard(folder.path()).args(["read", "--full", "--objects", "-q", "--lang", lang, "-r"]);
        let output = run.arg(format!("virtual:{profile}")).assert().code(0).get_output().clone();
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            // Characters of Chinese are two columns wide, and so are its marks.
            let columns: usize = line.chars().map(|character| if character.is_ascii() { 1 } else { 2 }).sum();
            assert!(columns <= 80, "{columns} {line}");
        }
    }
}
