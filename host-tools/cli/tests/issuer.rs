//! `tapcard issuer`: from new keys to an answer, as its users type it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

mod support;

use std::path::Path;

use serde_json::Value;
use snapbox::str;
use support::{stored, tapcard};

/// Arguments after `issuer`, with the exit code they have to give; stdout and stderr.
fn issuer(folder: &Path, arguments: &[&str], code: i32) -> (String, String) {
    let run = tapcard(folder).arg("issuer").args(arguments).assert().code(code);
    let output = run.get_output();
    let text = |octets: &[u8]| String::from_utf8(octets.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

/// An issuer with one account and one card.
fn made() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    issuer(folder.path(), &["init", "--plain", "--test-keys"], 0);
    issuer(folder.path(), &["account", "add", "--currency", "CNY", "--balance", "500.00"], 0);
    issuer(folder.path(), &["card", "issue", "pboc-ec", "--account", "1", "-o", "card.json"], 0);
    folder
}

/// Field 55 of one online transaction of the card, over `tapcard apdu`.
fn field_55(folder: &Path, minor: &str) -> String {
    let cdol =
        format!("{minor}0000000000000156000000000001562601010 0A1B2C3D4120000{}", "20".repeat(20)).replace(' ', "");
    let commands = [
        "00A4040008A00000033301010100".to_owned(),
        format!("80A800000B830900{minor}015600"),
        "00B2011400".to_owned(),
        format!("80AE8000{:02X}{cdol}00", cdol.len() / 2),
    ];
    let run = tapcard(folder)
        .args(["--json", "--show-pan", "-q", "-r", "virtual:card.json", "apdu"])
        .args(&commands)
        .assert();
    let document: Value = serde_json::from_slice(&run.code(0).get_output().stdout).unwrap();
    let answers: Vec<_> =
        document["exchanges"].as_array().unwrap().iter().map(|one| one["r"].as_str().unwrap().to_owned()).collect();
    let card: Value = serde_json::from_slice(&std::fs::read(folder.join("card.json")).unwrap()).unwrap();
    let pan = card["applications"][2]["records"]["2.1"]["5A"].as_str().unwrap();
    let (head, iad) = answers[3][6..answers[3].len() - 4].split_at(20);
    format!(
        "9F0206{minor} 9F0306000000000000 9F1A020156 95050000000000 5F2A020156 9A03260101 9C0100 9F3704A1B2C3D4 82021C00 \
         9F3602{} 9F2608{} 9F1013{iad} 9F270180 5A08{pan} 5F340101",
        &head[..4],
        &head[4..],
    )
}

#[test]
fn an_issuer_is_made_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| tapcard(folder.path()).arg("issuer").args(arguments).assert();
    run(&["init", "--plain", "--test-keys"]).code(0).stdout_eq(str![[r#"
made `issuer.db` and `issuer.key`; keep a copy of both

"#]]);
    run(&["init", "--plain"]).code(7).stderr_eq(str![[r#"
error: the database `issuer.db` is there already

"#]]);
    run(&["account", "add", "--currency", "CNY", "--balance", "500.00", "-q"]).code(0).stdout_eq(str![[r#"
Account  1
Balance  500.00 CNY
State    active

"#]]);
    run(&["account", "add", "--currency", "CNY", "--balance", "1.234", "-q"]).code(2);
    run(&["account", "add", "--currency", "XQQ", "-q"]).code(2);
    run(&["account", "show", "9", "-q"]).code(2);
    run(&["card", "issue", "pboc-ec", "--account", "9", "-o", "no.json", "-q"]).code(2);
    run(&["card", "issue", "t-union", "--account", "1", "-o", "no.json", "-q"]).code(7);
    assert!(!folder.path().join("no.json").exists());
    run(&["card", "block", "1", "-q"]).code(2);
    run(&["show", "-q"]).code(0).stdout_eq(stored("issuer-show.txt"));
    run(&["show", "-q", "--lang", "zh"]).code(0).stdout_eq(stored("issuer-show-zh.txt"));
    run(&["show", "-q", "--json"]).code(0).stdout_eq(stored("issuer-show.json"));
    let (_, warning) = issuer(folder.path(), &["show"], 0);
    assert!(warning.contains("public test keys"), "{warning}");
}

#[test]
fn requests_are_answered_with_the_code_of_the_contract() {
    let folder = made();
    let request = field_55(folder.path(), "000000012345");
    std::fs::write(folder.path().join("request.json"), format!(r#"{{"field55": "{request}", "amount": "123.45"}}"#))
        .unwrap();
    let (text, _) = issuer(folder.path(), &["authorise", "request.json"], 0);
    assert!(
        text.starts_with("Decision  approved\nPAN       621094******") && text.contains("ARC       00\n"),
        "{text}"
    );
    let (json, _) = issuer(folder.path(), &["authorise", "request.json", "--json", "-q"], 0);
    assert!(
        json.starts_with("{\n  \"schema\": \"tapcard.issuer/1\",\n  \"approved\": true")
            && json.contains("\"repeated\": true"),
        "{json}"
    );
    let (chinese, _) = issuer(folder.path(), &["authorise", "request.json", "--lang", "zh"], 0);
    assert!(chinese.contains("批准，与上次应答相同"), "{chinese}");
    let wrong = request.replace("9F3704A1B2C3D4", "9F370400000000");
    std::fs::write(folder.path().join("wrong.hex"), wrong).unwrap();
    let (text, error) = issuer(folder.path(), &["authorise", "wrong.hex"], 1);
    assert!(text.contains("wrong cryptogram") && error.contains("declined: wrong cryptogram"), "{text}{error}");
    for (name, content) in
        [("none", "{}"), ("no-hex", "xyz"), ("no-tlv", "9F02"), ("amount", r#"{"field55": "00", "amount": 5}"#)]
    {
        std::fs::write(folder.path().join(name), content).unwrap();
        issuer(folder.path(), &["authorise", name], 7);
    }
    issuer(folder.path(), &["authorise", "not-there"], 7);
    let (account, _) = issuer(folder.path(), &["account", "show", "1", "-q"], 0);
    assert!(account.contains("376.55 CNY") && account.contains("-123.45"), "{account}");
}

#[test]
fn cards_are_blocked_and_served_again() {
    let folder = made();
    for (action, said) in
        [("block", "is blocked"), ("unblock", "is served again"), ("reset-pin", "gets its PIN tries back")]
    {
        let (text, _) = issuer(folder.path(), &["card", action, "1"], 0);
        assert!(text.starts_with("621094******") && text.contains(said), "{text}");
    }
    let (text, _) = issuer(folder.path(), &["show"], 0);
    assert!(text.contains("application-unblock") && text.contains("pin-unblock"), "{text}");
}

#[test]
fn a_passphrase_comes_from_a_file_and_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("word"), "correct horse\n").unwrap();
    std::fs::write(folder.path().join("other"), "wrong\n").unwrap();
    issuer(folder.path(), &["init"], 2);
    issuer(folder.path(), &["init", "--passphrase-file", "word"], 0);
    issuer(folder.path(), &["show", "--passphrase-file", "word"], 0);
    let (_, error) = issuer(folder.path(), &["show", "--passphrase-file", "other"], 7);
    assert_eq!(error, "error: the passphrase does not open `issuer.key`\n");
    let (_, error) = issuer(folder.path(), &["show"], 7);
    assert_eq!(error, "error: `issuer.key` needs a passphrase\n");
    let (_, error) = issuer(folder.path(), &["show", "--lang", "zh"], 7);
    assert_eq!(error, "错误：`issuer.key` 需要口令\n");
    let (_, error) = issuer(folder.path(), &["show", "--keys", "no.key", "-q"], 7);
    assert!(error.starts_with("error: `no.key`: "), "{error}");
}
