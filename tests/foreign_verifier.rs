//! Our card before an issuer and terminal that nobody of us wrote: a Python program over pyscard, pyemv and cryptography
//! checks every cryptogram, MAC and counter; and the same program has to notice cards with planted faults.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tapcard_tests::daemons::{Pcscd, READER};
use tapcard_tests::faulty::{Fault, Served};
use tapcard_tests::programs::{Background, Ran, run, run_for, tapcard, tied};

/// An ATR of a card with contacts: over RF there is no issuer script.
const CONTACT_ATR: &str = "3B E9 00 00 81 31 FE 45 80 67 54 41 50 43 41 52 44 54";

/// A card with DDA and combined DDA. It is no built-in profile and has no directory.
const SIGNING: &str = include_str!("profiles/signing.json");

const PPSE: &str = "text:2PAY.SYS.DDF01";

/// Longest time of one run of the verifier, on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

fn client(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(name)
}

/// Python with pyscard, pyemv and cryptography: `scripts/test.sh` makes it.
fn python() -> PathBuf {
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("clients-python").join("bin/python3");
    let python = std::env::var_os("TAPCARD_PYTHON").map_or(made, PathBuf::from);
    assert!(python.is_file(), "`{}` is missing: `make test SUITES=pcsc` makes it", python.display());
    python
}

/// A profile as a card with contacts that authenticates its issuer.
fn profile(name: &str) -> Value {
    let builtin = tapcard_profiles::builtin().iter().find(|profile| profile.name == name);
    let json = builtin.map_or(SIGNING, |profile| profile.json());
    let mut profile: Value = serde_json::from_str(json).unwrap();
    assert_eq!(profile["name"], name);
    profile["atr"] = CONTACT_ATR.into();
    let applications = profile["applications"].as_array_mut().unwrap();
    let paying = applications.iter_mut().find(|one| !one["behaviour"].is_null()).unwrap();
    let interchange = &mut paying["gpo"]["objects"]["82"];
    if interchange == "1800" {
        *interchange = "1C00".into();
    }
    let aid = paying["name"].clone();
    if !applications.iter().any(|one| one["name"] == PPSE) {
        applications.insert(0, json!({"name": PPSE, "fci": {"BF0C": {"61": [{"4F": aid, "87": "01"}]}}}));
    }
    profile
}

/// What the verifier found.
struct Found {
    report: Value,
    ran: Ran,
}

impl Found {
    fn names(&self, result: &str) -> Vec<&str> {
        let checks = self.report["checks"].as_array().unwrap().iter();
        checks.filter(|one| one["result"] == result).map(|one| one["check"].as_str().unwrap()).collect()
    }

    /// All passed, and so many at least.
    #[track_caller]
    fn expect_all(&self, least: usize) -> usize {
        assert_eq!((self.names("failed"), self.ran.code), (Vec::new(), Some(0)), "{:?}", self.ran);
        let passed = self.names("ok").len();
        assert!(passed >= least, "{passed} checks only: {:?}", self.ran);
        passed
    }
}

fn verify(daemon: &Pcscd, profile: &Path, ledger: &Path) -> Found {
    let mut program = Command::new(python());
    program.arg(client("verify_card.py")).arg(profile).arg(READER).arg("--ledger").arg(ledger);
    program.arg("--ca").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/testca-keys.json"));
    let mut program = daemon.client(&program);
    let ran = run_for(program.stdin(Stdio::null()), LIMIT).unwrap_or_else(|why| panic!("{why}"));
    let report = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}\n{ran:?}"));
    Found { report, ran }
}

/// `tapcard card serve` with a card file.
fn serve(daemon: &Pcscd, card: &Path) -> Background {
    let mut serve = tied(&tapcard().get_program().to_string_lossy()).unwrap();
    serve.args(["card", "serve"]).arg(card).args(["--vpcd", &format!("127.0.0.1:{}", daemon.port())]);
    let log = |name| std::fs::File::create(daemon.folder().join(name)).unwrap();
    serve.stdin(Stdio::null()).stdout(log("card.out")).stderr(log("card.err"));
    Background::spawn(&mut serve).unwrap()
}

#[test]
fn the_verifiers_own_arithmetic_agrees_with_the_vectors() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/crypto-oda.json");
    let ran = run(Command::new(python()).arg(client("emv_oda.py")).arg(vectors)).expect_code(0);
    let found: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(found["agree"], 62, "{ran:?}");
    println!("figure: foreign verifier: 62 vectors of certificates and signatures agree");
}

#[test]
fn every_card_passes_before_and_after_a_restart() {
    for (name, least) in [("pboc-ec", 100), ("ec-only", 80), ("visa", 80), ("signing", 130)] {
        let daemon = Pcscd::start();
        let (card, ledger) = (daemon.folder().join("card.json"), daemon.folder().join("ledger.json"));
        std::fs::write(&card, profile(name).to_string()).unwrap();
        let mut passed = 0;
        for _ in 0..2 {
            let mut served = serve(&daemon, &card);
            passed += verify(&daemon, &card, &ledger).expect_all(least);
            served.stop().unwrap();
        }
        let seen: Value = serde_json::from_str(&std::fs::read_to_string(&ledger).unwrap()).unwrap();
        let atcs = seen["seen"].as_array().unwrap().len();
        println!("figure: foreign verifier, {name}: {passed} checks passed, {atcs} different ATCs over a restart");
    }
}

/// A fault, the profile that shows it, and what the verifier says.
struct Planted {
    name: &'static str,
    profile: &'static str,
    fault: Fault,
    /// The card has another issuer master key of this name than the issuer.
    other_key: Option<&'static str>,
    /// The checks that fail, and no others: each of these is in the name of one, and the name of each has one of these.
    noticed: &'static [&'static str],
}

impl Planted {
    const fn new(name: &'static str, profile: &'static str, fault: Fault, noticed: &'static [&'static str]) -> Self {
        Self { name, profile, fault, other_key: None, noticed }
    }

    const fn other_key(
        name: &'static str,
        profile: &'static str,
        key: &'static str,
        noticed: &'static [&'static str],
    ) -> Self {
        Self { name, profile, fault: Fault::Nothing, other_key: Some(key), noticed }
    }
}

const PLANTED: [Planted; 13] = [
    Planted::other_key(
        "another key for cryptograms",
        "pboc-ec",
        "ac",
        // Without the issuer's proof the next transaction may not be offline: its CID and all that follows are others.
        &["cryptogram", "right ARPC is taken", "CVR", "script is taken", "balance after the load", "log line", "CID"],
    ),
    Planted::other_key(
        "another key for MACs",
        "pboc-ec",
        "mac",
        &["MAC of the balance", "script is taken", "balance after the load", "load log line"],
    ),
    Planted::other_key(
        "another key for cryptograms, Visa",
        "visa",
        "ac",
        &["cryptogram", "right ARPC is taken", "CVR", "script is taken", "PIN tries are given back", "CID"],
    ),
    Planted::new(
        "state forgotten at a reset",
        "pboc-ec",
        Fault::StateForgotten,
        // The load before it is forgotten as well.
        &["no ATC comes twice", "the ATC is the last one and one", "balance in the IAD", "balance falls by the amount"],
    ),
    Planted::new("debit forgotten", "pboc-ec", Fault::DebitForgotten, &["balance falls by the amount", "log line"]),
    Planted::new(
        "cryptogram over another amount",
        "ec-only",
        Fault::OtherAmount,
        &["cryptogram", "log line", "balance in the IAD", "balance falls by the amount"],
    ),
    Planted::new("cryptogram over another amount, Visa", "visa", Fault::OtherAmount, &["cryptogram"]),
    Planted::new(
        "another balance in the IAD",
        "ec-only",
        Fault::OtherBalance,
        &["balance in the IAD", "MAC of the balance"],
    ),
    Planted::new(
        "any MAC of a script will do",
        "ec-only",
        Fault::AnyScript,
        &["script is refused", "nothing has changed"],
    ),
    Planted::new(
        "DDA over another unpredictable number",
        "signing",
        Fault::OtherUnpredictableNumber,
        &["DDA signature"],
    ),
    Planted::new("combined DDA over other data of the PDOL", "signing", Fault::OtherPdolData, &["CDA signature"]),
    Planted::new("any ARPC will do", "pboc-ec", Fault::AnyArpc, &["wrong ARPC is refused"]),
    Planted::new("any PIN will do", "pboc-ec", Fault::AnyPin, &["wrong PIN"]),
];

fn found_in(planted: &Planted) -> Found {
    let daemon = Pcscd::start();
    let (told, ledger) = (daemon.folder().join("card.json"), daemon.folder().join("ledger.json"));
    let mut profile = profile(planted.profile);
    std::fs::write(&told, profile.to_string()).unwrap();
    if let Some(key) = planted.other_key {
        let applications = profile["applications"].as_array_mut().unwrap();
        for application in applications.iter_mut().filter(|one| one["keys"].is_object()) {
            // Test keys; their last octet becomes another one.
            let own = application["keys"][key].as_str().unwrap();
            let other = format!("{}5A", &own[..30]);
            assert_ne!(own, other);
            application["keys"][key] = other.into();
        }
    }
    let card = tapcard_profiles::from_json(&profile.to_string()).unwrap();
    let _served = Served::insert(daemon.port(), &card, planted.fault);
    verify(&daemon, &told, &ledger)
}

#[test]
fn without_a_fault_the_same_owner_passes() {
    let nothing = Planted::new("nothing", "pboc-ec", Fault::Nothing, &[]);
    found_in(&nothing).expect_all(100);
}

#[test]
fn every_planted_fault_is_noticed() {
    for planted in &PLANTED {
        let found = found_in(planted);
        let failed = found.names("failed");
        let wrong = || format!("{}: {:?}", planted.name, found.ran);
        assert_eq!(found.ran.code, Some(1), "{}", wrong());
        for expected in planted.noticed {
            assert!(failed.iter().any(|name| name.contains(expected)), "no `{expected}`\n{}", wrong());
        }
        for name in failed {
            assert!(planted.noticed.iter().any(|expected| name.contains(expected)), "`{name}`\n{}", wrong());
        }
    }
    println!("figure: foreign verifier: {0} planted faults of {0} noticed", PLANTED.len());
}
