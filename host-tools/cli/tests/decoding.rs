//! `tapcard decode`, kind by kind.

mod support;

use snapbox::str;
use support::{examples, stored, tapcard};

#[test]
fn every_kind_explains_an_example() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, data) in [
        ("tlv", &["70 15 82 02 6000 BF0C 04 5F34 01 01 5A 08 6210948000000011"][..]),
        ("dol", &["9F7A019F02065F2A02"]),
        ("dol-data", &["9F02 06 5F2A 02 9A 03", "000000001000 0156 261121"]),
        ("atr", &["3B E9 00 00 81 31 FE 45 80 67 54 41 50 43 41 52 44 54"]),
        ("ats", &["0B78808002206380830590"]),
        ("sw", &["6A82"]),
        ("apdu", &["80CA9F7900", "9F790600000001 00009000"]),
        ("tag", &["9F6B"]),
        ("aip", &["7D00"]),
        ("auc", &["FF00"]),
        ("tvr", &["0000048000"]),
        ("tsi", &["E800"]),
        ("cvm-list", &["0000000000000000 4203 1E03 1F00"]),
        ("cvm-results", &["420302"]),
        ("term-caps", &["E0F8C8"]),
        ("add-term-caps", &["FF80F0A001"]),
        ("ttq", &["36800000"]),
        ("ctq", &["0080"]),
        ("iad", &["07010103A4B80001 0A 010000001000 11223344"]),
        ("ffi", &["20700000"]),
        ("track2", &["6210948000000011D30122200000000F"]),
        ("afl", &["08010300 10010401"]),
        ("aid", &["A000000333010106"]),
    ] {
        let run = || tapcard(folder.path()).args(["decode", kind]).args(data);
        run().assert().code(0).stdout_eq(stored(&format!("decode-{kind}.txt"))).stderr_eq("");
        run().arg("--json").assert().code(0).stdout_eq(stored(&format!("decode-{kind}.json"))).stderr_eq("");
        // The same from stdin, in another spelling; two parts are two lines.
        let piped = data.join("\n").replace(' ', ":").to_lowercase();
        let run = tapcard(folder.path()).args(["decode", kind, "-"]).stdin(piped).assert();
        run.code(0).stdout_eq(stored(&format!("decode-{kind}.txt")));
    }
}

#[test]
fn a_guess_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let run = tapcard(folder.path()).args(["decode", "6A", "82"]).assert();
    run.code(0).stdout_eq(stored("decode-sw.txt")).stderr_eq(str![[r#"
note: taken for `sw` (certain): two bytes, the first 61 to 6F

"#]]);
    let run = tapcard(folder.path()).args(["decode", "7C00"]).assert();
    run.code(0).stderr_eq(str![[r#"
note: taken for `aip` (unsure): 2 bytes without reserved bits; `ctq`, `tsi`, `auc` would fit too; `tapcard decode aip ...` is sure

"#]]);
    let run = tapcard(folder.path()).args(["decode", "80CA9F7900", "9F790600000001 00009000"]).assert();
    run.code(0).stdout_eq(stored("decode-apdu.txt")).stderr_eq(str![[r#"
note: taken for `apdu` (certain): a command and its answer: GET DATA: 9F79 Electronic Cash Balance

"#]]);
    let run = tapcard(folder.path()).args(["decode", "6A82", "--quiet"]).assert();
    run.code(0).stderr_eq("");
}

#[test]
fn scheme_and_command_decide_where_they_matter() {
    let folder = tempfile::tempdir().unwrap();
    let run = tapcard(folder.path()).args(["decode", "ffi", "20700000", "--scheme", "mastercard"]).assert();
    run.code(7).stderr_eq(str![[r#"
error: not a whole `ffi`: third party data has 7 to 32 octets here, not 4

"#]]);
    let run = tapcard(folder.path()).args(["decode", "sw", "6985", "--for", "generate ac"]).assert();
    run.code(0).stdout_eq(str![[r#"
SW1-SW2: 6985
  - not allowed now: a third GENERATE AC, or no GET PROCESSING OPTIONS before
  - in general: conditions of use not satisfied
  - class: checking error, not done

"#]]);
    let run = tapcard(folder.path()).args(["decode", "sw", "6985", "--for", "nothing"]).assert();
    run.code(2).stdout_eq("");
}

#[test]
fn data_of_another_kind_are_bad_input() {
    let folder = tempfile::tempdir().unwrap();
    let run = tapcard(folder.path()).args(["decode", "aip", "7C"]).assert();
    run.code(7).stdout_eq("").stderr_eq(str![[r#"
error: not a whole `aip`: 1 byte; 2 are needed

"#]]);
    let run = tapcard(folder.path()).args(["decode", "aip"]).assert();
    run.code(2).stdout_eq("").stderr_eq(str![[r#"
error: `aip` is a kind; write the data behind it, or `-` to read them from stdin

"#]]);
    let run = tapcard(folder.path()).args(["decode", "tvrr", "0000048000"]).assert();
    run.code(2).stdout_eq("").stderr_eq(str![[r#"
error: `tvrr` is neither a kind that this version knows nor hexadecimal; see `--help`

"#]]);
    let run = tapcard(folder.path()).args(["decode", "dol-data", "9A03"]).assert();
    run.code(2).stdout_eq("").stderr_eq(str![[r#"
error: `dol-data` needs the list and the data: two arguments, or two lines on stdin

"#]]);
    let run = tapcard(folder.path()).args(["decode", "dol-data", "9A03", "-"]).stdin("2611").assert();
    run.code(7).stderr_eq(str![[r#"
error: not a whole `dol-data`: 2 octets of data left where 3 are needed at byte 0

"#]]);
}

/// Every `$ tapcard decode ...` in `docs/decode.md`, with what stands below it.
#[test]
fn the_examples_of_the_documentation_are_true() {
    let folder = tempfile::tempdir().unwrap();
    let mut kinds = std::collections::BTreeSet::new();
    for (arguments, expected) in examples("decode.md") {
        kinds.extend(arguments.get(1).map(|kind| (*kind).to_owned()));
        let output = tapcard(folder.path()).args(&arguments).output().unwrap();
        let shown = String::from_utf8([output.stderr, output.stdout].concat()).unwrap();
        let shown = shown.lines().filter(|line| !line.starts_with("error: ")).collect::<Vec<_>>().join("\n");
        assert_eq!(shown, expected, "{arguments:?}");
    }
    assert!(tapcard_decode::Kind::ALL.iter().all(|kind| kinds.contains(kind.word())), "{kinds:?}");
}
