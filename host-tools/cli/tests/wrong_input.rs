//! Wrong input: the exit code, and a message that says what, where and what next.

mod support;

use snapbox::str;
use support::{pulled_out, stored, tapcard};

#[test]
fn bad_hexadecimal_is_usage_and_names_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let run = tapcard(folder.path()).args(["decode", "tlv", "5A08 62x1"]).assert();
    run.code(2).stdout_eq("").stderr_eq(str![[r#"
error: `x` at character 8 is not hexadecimal

"#]]);
    let run = tapcard(folder.path()).args(["decode", "tlv", "5A0"]).assert();
    run.code(2).stderr_eq(str![[r#"
error: 3 hexadecimal digits; an even number is needed

"#]]);
    let run = tapcard(folder.path()).args(["decode", "tlv", "-"]).stdin("5A 0\nz").assert();
    run.code(7).stderr_eq(str![[r#"
error: stdin: `z` at character 6 is not hexadecimal

"#]]);
}

#[test]
fn truncated_tlv_is_shown_as_far_as_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["decode", "tlv", "6F0F8408A000000333010101A503500142"];
    let run = tapcard(folder.path()).args(arguments).assert();
    run.code(0).stdout_eq(stored("tlv.txt"));
    let truncated = ["decode", "tlv", "82027C009F79060000"];
    let run = tapcard(folder.path()).args(truncated).assert();
    run.code(7).stdout_eq(stored("tlv-truncated.txt")).stderr_eq(str![[r#"
error: not a whole `tlv`: the value needs 6 octets, 2 are left at byte 4

"#]]);
    let run = tapcard(folder.path()).args(truncated).arg("--json").assert();
    run.code(7).stdout_eq(stored("tlv-truncated.json"));
}

#[test]
fn without_a_service_there_is_no_reader() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["read"][..], &["balance"], &["read", "-r", "pcsc:any"]] {
        let run = tapcard(folder.path()).args(arguments).assert();
        run.code(3).stdout_eq("").stderr_eq(str![[r#"
error: cannot read the [..]: no PC/SC service: `pcscd` is not running; `tapcard doctor` says how to start it, `--reader virtual:pboc-ec` is an emulated card

"#]]);
    }
    let run = tapcard(folder.path()).args(["readers", "--json"]).assert();
    run.code(3).stdout_eq("");
    let run = tapcard(folder.path()).arg("doctor").assert();
    run.code(3).stdout_eq(stored("doctor-no-service.txt")).stderr_eq(str![[r#"
error: something is missing to read a real card; an emulated one needs nothing

"#]]);
}

#[test]
fn a_spec_that_is_no_reader_is_usage() {
    let folder = tempfile::tempdir().unwrap();
    let run = tapcard(folder.path()).args(["read", "-r", "acr122"]).assert();
    run.code(2).stderr_eq(str![[r#"
error: cannot read the card: `acr122` is not a reader: write `pcsc:NAME`, `virtual:PROFILE`, `virtual:FILE`, `replay:FILE#NAME` or `pn532:PORT`

"#]]);
    let run = tapcard(folder.path()).args(["read", "-r", "pn532:/dev/ttyUSB0"]).assert();
    run.code(3).stderr_eq(str![[r#"
error: cannot read the card: `pn532:/dev/ttyUSB0@115200`: this version has no PN532 driver; use a PC/SC reader or `virtual:pboc-ec`

"#]]);
}

#[test]
fn a_card_pulled_out_in_the_middle_gives_no_half_report() {
    let folder = tempfile::tempdir().unwrap();
    let spec = pulled_out(folder.path());
    for arguments in [&["read"][..], &["read", "--json"], &["read", "--record", "again.json", "-q"]] {
        let run = tapcard(folder.path()).args(["-r", &spec]).args(arguments).assert();
        run.code(3).stdout_eq("").stderr_eq(str![[r#"
error: cannot read the card: the card was removed before it was read to the end; leave it in the reader and try again

"#]]);
    }
    // The recording of a lost card replays the loss.
    let run = tapcard(folder.path()).args(["read", "-r", "replay:again.json"]).assert();
    run.code(3);
}

#[test]
fn broken_replay_and_card_files_are_bad_input() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("broken.json", "[{\"id\": \"x\",\n  \"kind\": ]"),
        ("none.json", "[]"),
        (
            "two.json",
            r#"[{"id":"a","kind":"transcript","exchanges":[]},{"id":"b","kind":"transcript","exchanges":[]}]"#,
        ),
        ("hex.json", r#"[{"id":"a","kind":"transcript","exchanges":[{"c":"00A4","r":"9G00"}]}]"#),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    for (spec, what) in [
        ("replay:missing.json", "missing.json: cannot be read: No such file or directory (os error 2)"),
        ("replay:broken.json", "broken.json: not JSON: expected value at line 2 column 11"),
        (
            "replay:none.json",
            "none.json: holds no case of kind `transcript`; record one with `tapcard read --record FILE`",
        ),
        ("replay:two.json", "two.json: holds 2 transcripts; name one with `#NAME`: `a`, `b`"),
        ("replay:two.json#c", "two.json: holds no transcript called `c`; there is `a`, `b`"),
        ("replay:hex.json", "hex.json: [0].exchanges[0].r: `G` at character 2 is not hexadecimal"),
        ("virtual:pboc-ed", "pboc-ed: no such file, and no built-in profile of that name; there are `pboc-ec`, [..]"),
        ("virtual:none.json", "none.json: [..]"),
    ] {
        let run = tapcard(folder.path()).args(["read", "-r", spec]).assert();
        run.code(7).stdout_eq("").stderr_eq(format!("error: cannot read the card: {what}\n"));
    }
}

#[test]
fn a_card_that_refuses_everything_is_shown_and_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("blocked.json"),
        r#"[{"id": "blocked", "kind": "transcript", "repeat_last": true, "exchanges": [
            {"c": "00A404000E325041592E5359532E444446303100", "r": "6F23840E325041592E5359532E4444463031A511BF0C0E610C4F07A00000033301018701019000"},
            {"c": "00A4040007A000000333010100", "r": "6985"}]}]"#,
    )
    .unwrap();
    let run = tapcard(folder.path()).args(["read", "-r", "replay:blocked.json"]).assert();
    run.code(4).stdout_eq(stored("blocked.txt")).stderr_eq(str![[r#"
error: every application of the card refuses: the card is blocked

"#]]);
    let run = tapcard(folder.path()).args(["balance", "-r", "replay:blocked.json"]).assert();
    run.code(4).stdout_eq("");
}

#[test]
fn vectors_that_are_not_there_are_bad_input() {
    let folder = tempfile::tempdir().unwrap();
    tapcard(folder.path()).args(["vectors", "check", "nowhere"]).assert().code(7).stdout_eq("");
}
