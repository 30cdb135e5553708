//! Emulated cards: made, shown, read with their state, and served to a virtual reader.

#![allow(clippy::unwrap_used, reason = "a panic in a test is its failure")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};

use snapbox::cmd::cargo_bin;
use snapbox::str;
use support::{stored, tapcard};

#[test]
fn profiles_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    tapcard(folder.path()).args(["card", "profiles"]).assert().code(0).stdout_eq(stored("profiles.txt"));
    let run = tapcard(folder.path()).args(["card", "profiles", "--json"]).assert();
    run.code(0).stdout_eq(stored("profiles.json"));
}

#[test]
fn a_card_file_is_made_once_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let new =
        |more: &[&str]| tapcard(folder.path()).args(["card", "new", "pboc-ec", "-o", "my.json"]).args(more).assert();
    new(&[]).code(0).stdout_eq(str![[r#"
made `my.json` from `pboc-ec`; read it with `tapcard read -r virtual:my.json`

"#]]);
    new(&[]).code(7).stdout_eq("").stderr_eq(str![[r#"
error: my.json: exists already; `--force` replaces it and forgets the card's state

"#]]);
    let atc = || {
        let run = tapcard(folder.path()).args(["read", "--full", "--json", "-q", "-r", "virtual:my.json"]).assert();
        let text = String::from_utf8(run.code(0).get_output().stdout.clone()).unwrap();
        text.lines().find(|line| line.contains("\"atc\"")).unwrap().trim().to_owned()
    };
    assert_eq!([atc(), atc()], ["\"atc\": 11,", "\"atc\": 12,"], "the state is kept between runs");
    tapcard(folder.path()).args(["card", "show", "my.json"]).assert().code(0).stdout_eq(stored("show.txt"));
    new(&["--force"]).code(0);
    assert_eq!(atc(), "\"atc\": 11,", "and forgotten on demand");
    let run = tapcard(folder.path()).args(["card", "show", "pboc-ec", "--json"]).assert();
    run.code(0).stdout_eq(stored("show.json"));
}

#[test]
fn a_profile_that_does_not_exist_is_usage() {
    let folder = tempfile::tempdir().unwrap();
    let run = tapcard(folder.path()).args(["card", "new", "no-such-card", "-o", "a.json"]).assert();
    run.code(2).stderr_eq(str![[r#"
error: no built-in profile is called `no-such-card`; `tapcard card profiles` lists them

"#]]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

fn send(stream: &mut TcpStream, message: &[u8]) {
    stream.write_all(&u16::try_from(message.len()).unwrap().to_be_bytes()).unwrap();
    stream.write_all(message).unwrap();
}

fn receive(stream: &mut TcpStream) -> Vec<u8> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).unwrap();
    let mut message = vec![0; u16::from_be_bytes(length).into()];
    stream.read_exact(&mut message).unwrap();
    message
}

/// Serves the built-in card to a virtual reader that is played here.
fn serve(arguments: &[&str]) -> (std::process::Child, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let child = Command::new(cargo_bin!("tapcard"))
        .args(["card", "serve", "pboc-ec", "--vpcd", &address])
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    (child, listener.accept().unwrap().0)
}

#[test]
fn a_card_is_served_until_the_reader_goes_away() {
    let (mut child, mut stream) = serve(&["--json"]);
    send(&mut stream, &[4]);
    assert_eq!(receive(&mut stream)[0], 0x3B);
    send(&mut stream, &[1]);
    send(&mut stream, &[0x00, 0xB2, 0x01, 0x0C, 0x00]);
    assert_eq!(receive(&mut stream).len(), 2, "nothing is selected");
    drop(stream);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let lines: Vec<_> = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap).collect();
    let starts = lines.iter().all(|line| line.starts_with(r#"{"schema":"tapcard.card/1","event":""#));
    assert!(starts, "{lines:?}");
    let events: Vec<_> = lines.iter().map(|line| line.split('"').nth(7).unwrap()).collect();
    assert_eq!(events, ["inserted", "power_on", "apdu", "removed"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_and_a_termination_pull_the_card_out() {
    for signal in ["-INT", "-TERM"] {
        let (mut child, mut stream) = serve(&["--json"]);
        // The first line says that the card is in the reader and that signals are waited for.
        let mut first = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
        assert!(first.contains("inserted"));
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        assert_eq!(stream.read(&mut [0; 1]).unwrap_or(0), 0, "the card is out");
        assert_eq!(child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn without_a_virtual_reader_the_address_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let folder = tempfile::tempdir().unwrap();
    let run = tapcard(folder.path()).args(["card", "serve", "pboc-ec", "--vpcd", &address, "--wait", "0"]).assert();
    run.code(5).stdout_eq("").stderr_eq(str![[r#"
error: no virtual reader: 127.0.0.1:[..]: cannot connect: Connection refused (os error 111); is `pcscd` running with vpcd on this port

"#]]);
}
