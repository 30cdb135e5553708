//! What the figures were made on, without a name of anything that is somebody's.

use std::fs;
use std::process::Command;
use std::thread::available_parallelism;

/// Processor, cores, compiler, tools and the versions of the peers.
pub(crate) fn machine() -> String {
    let mut parts = vec![processor()];
    parts.extend(available_parallelism().map(|cores| format!("{cores} cores")));
    parts.extend(["rustc", "valgrind"].into_iter().filter_map(version));
    let peers = ["criterion", "emv", "emv_tlv_parser", "flexiber", "iso7816-tlv", "nom", "tlv_parser"];
    parts.extend(peers.into_iter().filter_map(locked));
    parts.extend(busy());
    parts.join(", ")
}

fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, model)| model));
    model.unwrap_or(std::env::consts::ARCH).to_owned()
}

/// Name and version as a program says them: `rustc 1.95.0`, `valgrind-3.19.0`.
fn version(program: &str) -> Option<String> {
    let said = Command::new(program).arg("--version").output().ok()?;
    let said = String::from_utf8(said.stdout).ok()?;
    Some(said.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
}

/// The version of a crate in our lock file.
fn locked(name: &str) -> Option<String> {
    let lock = include_str!("../Cargo.lock");
    let (_, entry) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    Some(format!("{name} {}", entry.split('"').next()?))
}

/// The load of the last minutes: times on a busy machine are less certain.
fn busy() -> Option<String> {
    let load = fs::read_to_string("/proc/loadavg").ok()?;
    Some(format!("load {}", load.split_whitespace().nth(1)?))
}
