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

/// Everything that a command says in Chinese, stdout and stderr.
fn told_in_chinese(folder: &std::path::Path) -> Vec<(String, String)> {
    let mut commands: Vec<String> = [
        "readers",
        "doctor",
        "vectors check broken.json",
        "vectors check .",
        "card profiles",
        "card new pboc-ec -o made.json",
        "card new pboc-ec -o made.json",
        "card new nothing -o other.json",
        "card show pboc-ec",
        "card show t-union",
        "card show absent.json",
        "man pages",
        "decode",
        "decode tvrr 00",
        "decode 0x1",
        "decode 1g",
        "decode aip",
        "decode aip 7C",
        "decode dol-data 9A03",
        "decode dol-data - -",
        "decode 7C00",
        "decode 6A82",
        "decode tlv 82027C009F36",
        "decode ffi 20700000 --scheme mastercard",
        "decode sw 6985 --for AE",
        "decode apdu 805000020B010000100011223344556600 000003E8000500000101112233446F0B4D229000",
        "apdu -r virtual:pboc-ec",
        "apdu -r virtual:pboc-ec 00",
        "apdu -r virtual:pboc-ec zz",
        "apdu -r virtual:pboc-ec selct",
        "apdu -r virtual:pboc-ec 00A4040005A0",
        "apdu -r virtual:pboc-ec --script absent.apdu",
        "apdu -r virtual:pboc-ec --script broken.apdu",
        "apdu -r virtual:pboc-ec --script checked.apdu",
        "apdu -vv -r virtual:pboc-ec 00B2010C00",
        "balance -v -r virtual:visa",
        "read -r replay:absent.json",
        "read -r acr122",
        "read --full --record kept.json -r virtual:visa",
    ]
    .map(str::to_owned)
    .into();
    // Every example of the page on `decode`.
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/decode.md")).unwrap();
    commands.extend(page.lines().filter_map(|line| line.strip_prefix("$ tapcard ").map(str::to_owned)));
    for profile in ["pboc-ec", "ec-only", "t-union", "visa", "mastercard", "t-money"] {
        commands.push(format!("read --full --objects -r virtual:{profile}"));
        commands.push(format!("read --objects -r virtual:{profile}"));
        commands.push(format!("balance --limits -r virtual:{profile}"));
    }
    let told = commands.into_iter().filter(|command| !command.contains("--json")).map(|command| {
        let output = tapcard(folder).args(command.split(' ')).args(["--lang", "zh"]).stdin("").output().unwrap();
        (command, String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    });
    told.collect()
}

/// The words of a line that are neither typed nor in a name of the dictionary.
fn said_by_us<'l>(line: &'l mut String, command: &str) -> Vec<&'l str> {
    for object in tapcard_emv::objects() {
        *line = line.replace(object.name, "");
    }
    let words = |text: &'l str| text.split(|character: char| !character.is_ascii_alphabetic());
    let typed: Vec<_> = command.split(|character: char| !character.is_ascii_alphabetic()).collect();
    words(line).filter(|word| !typed.contains(word)).collect()
}

#[test]
fn no_command_says_anything_in_english() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("broken.json", r#"[{"id": "x", "kind": "tlv", "source": "here", "hex": "8202", "expect": {"objects": []}}]"#);
    write("broken.apdu", "select ppse\nread 1 256\n");
    write("checked.apdu", "select ppse -> 6A82\n");
    let mut found = Vec::new();
    for (command, text) in told_in_chinese(folder.path()) {
        // What is to be typed stands in backquotes; usage errors are clap's own.
        let unquoted: String = text.split('`').step_by(2).collect();
        for line in unquoted.lines().take_while(|line| !line.starts_with("error: ")) {
            let mut left = line.to_owned();
            let is_ours = said_by_us(&mut left, &command).into_iter().any(is_english);
            if is_ours && !ALLOWED_LINES.iter().any(|allowed| line.contains(allowed)) {
                found.push(format!("{command}: {line}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Lower-case words of more than two letters; standards' terms have capitals.
fn is_english(word: &str) -> bool {
    /// A unit; a purse's own name; the system's word for its errors; services; what the card profiles are called.
    const STAYS: [&str; 14] = [
        "pcscd",
        "systemd",
        "udev",
        "kbit",
        "money",
        "error",
        "pboc",
        "union",
        "visa",
        "mastercard",
        "only",
        "json",
        "virtual",
        "broken",
    ];
    word.len() > 2 && word.chars().all(|character| character.is_ascii_lowercase()) && !STAYS.contains(&word)
}

/// Lines that hold text of the card, or data of a vector.
const ALLOWED_LINES: [&str; 2] = ["Language Preference", "{\""];

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
