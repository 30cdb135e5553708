//! The emulated card behind a virtual reader, as programs see it that know nothing of each other: our own command line,
//! OpenSC, pcsc-tools and pyscard. Each test has a `pcscd` of its own.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tapcard_tests::daemons::{Pcscd, READER};
use tapcard_tests::programs::{Background, Ran, run, tapcard, tied, wait_for};
use tapcard_tests::vpcd::ScriptedCard;

const PROFILE: &str = "pboc-ec";

/// `2PAY.SYS.DDF01`, the name of the PPSE.
const PPSE: &str = "325041592E5359532E4444463031";

/// A private daemon with the emulated card in its reader.
struct Served {
    card: Background, // first: it ends before its reader does
    daemon: Pcscd,
}

impl Served {
    fn start() -> Self {
        let daemon = Pcscd::start();
        let mut serve = tied(&tapcard().get_program().to_string_lossy()).unwrap();
        serve.args(["card", "serve", PROFILE, "--vpcd", &format!("127.0.0.1:{}", daemon.port())]);
        let log = |name| std::fs::File::create(daemon.folder().join(name)).unwrap();
        serve.stdin(Stdio::null()).stdout(log("card.out")).stderr(log("card.err"));
        let card = Background::spawn(&mut serve).unwrap();
        let mut served = Self { card, daemon };
        served.wait_for_card();
        served
    }

    fn wait_for_card(&mut self) {
        let seen = wait_for(Duration::from_secs(20), || {
            let list = run(self.daemon.program("opensc-tool").arg("-l")).stdout;
            let present = list.lines().any(|line| line.contains(READER) && line.contains("Yes"));
            (present || !self.card.is_running()).then_some(present)
        });
        let read = |name| std::fs::read_to_string(self.daemon.folder().join(name)).unwrap_or_default();
        let said = || format!("{}{}{}", read("card.out"), read("card.err"), self.daemon.log());
        assert_eq!(seen, Some(true), "the emulated card does not appear in its reader\n{}", said());
    }

    fn tapcard(&self, arguments: &[&str]) -> Ran {
        run(&mut self.daemon.client(tapcard().args(arguments)))
    }

    fn program(&self, program: &str, arguments: &[&str]) -> Ran {
        run(self.daemon.program(program).args(arguments))
    }

    fn json(&self, arguments: &[&str]) -> Value {
        json(&self.tapcard(arguments).expect_code(0))
    }

    /// The ATR that our own program reports, for comparison with what others see.
    fn atr(&self) -> String {
        let readers = self.json(&["readers", "--json"]);
        let ours = readers["readers"].as_array().unwrap().iter().find(|one| one["name"] == READER).unwrap();
        assert_eq!(ours["card_present"], true, "{ours}");
        ours["atr"].as_str().unwrap().to_owned()
    }
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}\n{ran:?}"))
}

fn spaced(hex: &str) -> String {
    hex.as_bytes().chunks(2).map(|octet| std::str::from_utf8(octet).unwrap()).collect::<Vec<_>>().join(" ")
}

/// One JSON report with the values of `reader` and `atr` taken out, and nothing else touched.
fn without_reader(ran: &Ran) -> String {
    let report = json(ran);
    let mut text = ran.stdout.clone();
    for member in ["reader", "atr"] {
        let Some(value) = report.get(member) else { continue };
        let written = format!("\"{member}\": {value}");
        assert_eq!(text.matches(&written).count(), 1, "{written}\n{text}");
        text = text.replace(&written, &format!("\"{member}\": …"));
    }
    text
}

#[test]
fn the_card_over_vpcd_gives_the_same_json_as_the_card_in_the_process() {
    let mut octets = 0;
    for command in [&["read"][..], &["read", "--full"], &["balance"], &["balance", "--limits"]] {
        // A fresh card each time: a full reading raises the ATC.
        let served = Served::start();
        let outside = served.tapcard(&[command, &["--json"]].concat()).expect_code(0);
        let spec = format!("virtual:{PROFILE}");
        let inside = run(tapcard().args(command).args(["--json", "-r", &spec])).expect_code(0);
        assert_ne!(json(&outside)["reader"], json(&inside)["reader"]);
        assert_eq!(without_reader(&outside), without_reader(&inside), "{command:?}");
        octets += outside.stdout.len();
    }
    println!("figure: {octets} octets of JSON equal over vpcd and in the process");
}

#[test]
fn our_own_program_lists_and_reads_it() {
    let served = Served::start();
    served.tapcard(&["readers"]).expect_code(0).expect_stdout(READER);
    assert!(served.atr().starts_with("3B"));
    let read = served.json(&["read", "--json"]);
    assert_eq!(read["reader"], READER);
    let cash = &read["applications"][0]["electronic_cash"][0];
    assert_eq!(cash["currency"], "CNY", "{read:#}");
    let balance = served.tapcard(&["balance", "-r", "pcsc:virtual pcd 00 00"]).expect_code(0);
    balance.expect_stdout(cash["balance"].as_str().unwrap());
}

#[test]
fn opensc_sees_its_atr_and_its_answers() {
    let served = Served::start();
    let atr = spaced(&served.atr()).to_lowercase().replace(' ', ":");
    served.program("opensc-tool", &["-a"]).expect_code(0).expect_stdout(&atr);
    let select = format!("00A404000E{PPSE}00");
    let sent = served.program("opensc-tool", &["-c", "default", "-s", &select, "-s", "00FF000000"]).expect_code(0);
    let sent = sent.expect_stdout("(SW1=0x90, SW2=0x00)").expect_stdout("(SW1=0x6D, SW2=0x00)");
    // The dump has 16 octets in a line, and the text beside them.
    let octets = |line: &str| line.get(..48).unwrap_or(line).trim().replace(' ', "");
    let dump: String = sent.stdout.lines().filter(|line| line.starts_with("6F")).map(octets).collect();
    assert!(dump.contains(PPSE.get(..16).unwrap()), "{sent:?}");
}

#[test]
fn pcsc_scan_sees_it() {
    let served = Served::start();
    served.program("pcsc_scan", &["-r"]).expect_code(0).expect_stdout(READER);
    let scanned = served.program("pcsc_scan", &["-c", "-n"]).expect_code(0);
    scanned.expect_stdout("Card inserted").expect_stdout(&spaced(&served.atr()));
}

#[test]
fn pyscard_reads_the_same_balance_and_the_same_pan() {
    let served = Served::start();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/pyscard_read.py");
    let mut client = Command::new("/usr/bin/python3"); // Debian's own: it is the one that has Debian's pyscard
    client.arg(script).arg("9F79");
    let found = json(&run(&mut served.daemon.client(&client)).expect_code(0));
    assert_eq!((&found["reader"], &found["atr"]), (&Value::from(READER), &Value::from(served.atr())));

    let ours = served.json(&["read", "--json"]);
    let application = &ours["applications"][0];
    let exchanges = found["exchanges"].as_array().unwrap();
    let answers: Vec<&str> = exchanges.iter().map(|exchange| exchange["r"].as_str().unwrap()).collect();
    assert!(answers.len() > 3 && answers[..2].iter().all(|answer| answer.ends_with("9000")), "{found:#}");
    // GET DATA 9F79: tag, length 6, n12 in minor units, status word.
    let digits = answers[2].strip_prefix("9F7906").and_then(|rest| rest.strip_suffix("9000")).unwrap();
    let fen: u64 = digits.parse().unwrap();
    let balance = format!("{}.{:02}", fen / 100, fen % 100);
    assert_eq!(application["electronic_cash"][0]["balance"], balance);
    // Somewhere in the records stands 5A with the PAN of which we show the ends.
    let shown = application["pan"].as_str().unwrap();
    let (first, last) = (&shown[..6], &shown[shown.len() - 4..]);
    let octets = shown.len().div_ceil(2);
    let begin = format!("5A{octets:02X}{first}");
    let pan = answers[3..].iter().find_map(|record| record.get(record.find(&begin)? + 4..)).unwrap();
    assert_eq!(pan.get(shown.len() - 4..shown.len()), Some(last));
}

#[test]
fn a_card_that_is_pulled_in_the_middle_ends_the_reading_with_exit_code_3() {
    let daemon = Pcscd::start();
    let atr = [0x3B, 0x84, 0x80, 0x01, 0x78, 0x80, 0x70, 0x02, 0x8F];
    let directory = hex::decode(format!("6F23840E{PPSE}A511BF0C0E610C4F07A0000003330101870101509000")).unwrap();
    let mut left = 1;
    let card = ScriptedCard::insert(daemon.port(), &atr, move |_| {
        left -= 1;
        if left == 0 { directory.clone() } else { Vec::new() }
    });
    let list = || run(daemon.program("opensc-tool").arg("-l")).stdout.contains("Yes").then_some(());
    wait_for(Duration::from_secs(20), list).unwrap();
    let ran = run(&mut daemon.client(tapcard().args(["read", "--json"])));
    assert!(card.commands().len() >= 2, "{:02X?}", card.commands());
    ran.expect_code(3);
}

#[test]
fn without_a_daemon_the_message_says_what_to_do() {
    let nobody = tempfile::tempdir().unwrap();
    let read = |arguments: &[&str]| {
        let mut command = tapcard();
        command.arg("read").args(arguments).env("PCSCLITE_CSOCK_NAME", nobody.path().join("socket"));
        run(&mut command).expect_code(3).stderr
    };
    let (named, any) = (read(&["-r", "pcsc:any"]), read(&[]));
    assert!(named.contains("pcscd") && named.contains("tapcard doctor"), "{named}");
    assert!(any.contains("pcscd") && any.contains("virtual:"), "{any}");
}
