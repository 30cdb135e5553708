//! The private `pcscd` itself, with a card that is none of ours: what fails here is the machine or the fixture, and
//! what fails in `pcsc_clients` only is our card.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use tapcard_tests::daemons::{Isolation, Pcscd, READER};
use tapcard_tests::programs::{Background, run, tied, wait_for};
use tapcard_tests::vpcd::ScriptedCard;

/// T=1, historical bytes `80 70 02`, TCK.
const ATR: [u8; 9] = [0x3B, 0x84, 0x80, 0x01, 0x78, 0x80, 0x70, 0x02, 0x8F];

const GET_UID: [u8; 5] = [0xFF, 0xCA, 0x00, 0x00, 0x00];

fn insert(daemon: &Pcscd) -> ScriptedCard {
    ScriptedCard::insert(daemon.port(), &ATR, |command| match command {
        c if c == GET_UID => vec![0x08, 0xA1, 0xB2, 0xC3, 0x90, 0x00],
        _ => vec![0x6D, 0x00],
    })
}

fn wait_for_card(daemon: &Pcscd, wanted: &str) {
    let seen = wait_for(Duration::from_secs(20), || {
        let list = run(daemon.program("opensc-tool").arg("-l")).stdout;
        let line = list.lines().find(|line| line.contains(READER))?;
        line.contains(wanted).then_some(())
    });
    assert!(seen.is_some(), "`opensc-tool -l` never says `{wanted}` for {READER}\n{}", daemon.log());
}

fn see_card_and_answer(daemon: &Pcscd) {
    let card = insert(daemon);
    wait_for_card(daemon, "Yes");
    run(daemon.program("opensc-tool").arg("-a")).expect_code(0).expect_stdout("3b:84:80:01:78:80:70:02:8f");
    let sent = run(daemon.program("opensc-tool").args(["-c", "default", "-s", "FF CA 00 00 00"]));
    sent.expect_code(0).expect_stdout("08 A1 B2 C3");
    assert!(card.commands().contains(&GET_UID.to_vec()), "{:02X?}", card.commands());
}

#[test]
fn a_card_in_the_private_daemon_is_seen_and_answers() {
    see_card_and_answer(&Pcscd::start());
}

#[test]
fn without_socket_activation_a_mount_namespace_serves() {
    match Pcscd::start_with(Isolation::MountNamespace) {
        Ok(daemon) => see_card_and_answer(&daemon),
        // Many containers forbid namespaces; then the message has to say that it is this.
        Err(why) => assert!(why.contains("unshare"), "{why}"),
    }
}

#[test]
fn two_daemons_run_side_by_side_and_share_nothing() {
    let (one, other) = (Pcscd::start(), Pcscd::start());
    assert!(one.port().abs_diff(other.port()) >= 2);
    let _card = insert(&one);
    wait_for_card(&one, "Yes");
    wait_for_card(&other, "No");
}

#[test]
fn a_pulled_card_is_gone() {
    let daemon = Pcscd::start();
    let card = insert(&daemon);
    wait_for_card(&daemon, "Yes");
    drop(card);
    wait_for_card(&daemon, "No");
}

fn process(id: u32) -> PathBuf {
    Path::new("/proc").join(id.to_string())
}

#[test]
fn a_dropped_daemon_leaves_no_process_and_no_folder() {
    let daemon = Pcscd::start();
    let (process, folder) = (process(daemon.id()), daemon.folder().to_owned());
    assert!(process.exists() && folder.exists());
    drop(daemon);
    assert!(!process.exists(), "{} still runs", process.display());
    assert!(!folder.exists(), "{} is still there", folder.display());
}

#[test]
fn a_panicking_test_leaves_no_daemon() {
    let (send, receive) = std::sync::mpsc::channel();
    let test = thread::spawn(move || {
        let daemon = Pcscd::start();
        send.send(daemon.id()).unwrap();
        panic!("a panic on purpose: the test in which this daemon runs fails");
    });
    let process = process(receive.recv().unwrap());
    assert!(test.join().is_err());
    assert!(!process.exists(), "{} still runs", process.display());
}

#[test]
fn a_daemon_dies_with_the_thread_that_started_it_even_if_nobody_drops_it() {
    let start = || {
        let sleeper = Background::spawn(tied("sleep").unwrap().arg("600")).unwrap();
        let id = sleeper.id();
        // Tied from here on: `setpriv` has done its work once it has become the program.
        let comm = process(id).join("comm");
        let became = || std::fs::read_to_string(&comm).ok().filter(|name| name == "sleep\n");
        assert!(wait_for(Duration::from_secs(10), became).is_some());
        std::mem::forget(sleeper);
        id
    };
    let process = process(thread::spawn(start).join().unwrap());
    // It stays as a zombie of this test, which reads as no command line.
    let gone = || std::fs::read(process.join("cmdline")).map_or(true, |line| line.is_empty()).then_some(());
    assert!(wait_for(Duration::from_secs(10), gone).is_some(), "{} still runs", process.display());
}

#[test]
fn a_missing_program_is_a_failure_that_names_its_package() {
    let daemon = Pcscd::start();
    let why = std::panic::catch_unwind(|| run(daemon.program("opensc-tool-that-is-not-there").arg("-l")));
    assert!(why.is_err());
    assert_eq!(tied("not-there").unwrap_err(), "`not-there` is not there");
}
