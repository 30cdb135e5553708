//! `tapcard decode`, kind by kind.

mod support;

use snapbox::str;
use support::{stored, tapcard};

#[test]
fn every_kind_explains_an_example() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, data) in [
        ("tlv", "70 15 82 02 6000 BF0C 04 5F34 01 01 5A 08 6210948000000011"),
        ("dol", "9F7A019F02065F2A02"),
        ("tag", "9F6B"),
        ("aid", "A000000333010106"),
        ("atr", "3B E9 00 00 81 31 FE 45 80 67 54 41 50 43 41 52 44 54"),
        ("sw", "6A82"),
        ("afl", "08010300 10010401"),
        ("track2", "6210948000000011D30122200000000F"),
        ("aip", "7D00"),
        ("auc", "FF00"),
        ("tvr", "0000048000"),
        ("tsi", "E800"),
        ("ttq", "36800000"),
        ("ctq", "0080"),
        ("term-caps", "E0F8C8"),
        ("add-term-caps", "FF80F0A001"),
    ] {
        let run = || tapcard(folder.path()).args(["decode", kind, data]);
        run().assert().code(0).stdout_eq(stored(&format!("decode-{kind}.txt"))).stderr_eq("");
        run().arg("--json").assert().code(0).stdout_eq(stored(&format!("decode-{kind}.json"))).stderr_eq("");
        // The same from stdin, in another spelling.
        let piped = data.replace(' ', "\n").to_lowercase();
        let run = tapcard(folder.path()).args(["decode", kind, "-"]).stdin(piped).assert();
        run.code(0).stdout_eq(stored(&format!("decode-{kind}.txt")));
    }
}

#[test]
fn a_guess_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let run = tapcard(folder.path()).args(["decode", "6A", "82"]).assert();
    run.code(0).stdout_eq(stored("decode-sw.txt")).stderr_eq(str![[r#"
note: taken for `sw`; `tapcard decode sw ...` is sure

"#]]);
}

#[test]
fn data_of_another_kind_are_bad_input() {
    let folder = tempfile::tempdir().unwrap();
    let run = tapcard(folder.path()).args(["decode", "aip", "7C"]).assert();
    run.code(7).stdout_eq("").stderr_eq(str![[r#"
error: not a whole `aip`: 1 bytes; 2 are needed

"#]]);
    let run = tapcard(folder.path()).args(["decode", "aip"]).assert();
    run.code(2).stdout_eq("").stderr_eq(str![[r#"
error: `aip` is a kind; write the data behind it, or `-` to read them from stdin

"#]]);
    let run = tapcard(folder.path()).args(["decode", "tvrr", "0000048000"]).assert();
    run.code(2).stdout_eq("").stderr_eq(str![[r#"
error: `tvrr` is neither a kind that this version knows nor hexadecimal; see `--help`

"#]]);
}
