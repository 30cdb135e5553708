//! Puts two things where rustc and the linker look for them: the vectors as Rust constants, and the memory of the machine.
//!
//! `TAPCARD_VECTORS` names another folder of vectors, to see that a wrong one is noticed.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, bail};
use tapcard_qemu_generator::{Sources, generate};

fn main() -> Result<()> {
    println!("cargo::rerun-if-env-changed=TAPCARD_VECTORS");
    println!("cargo::rerun-if-changed=memory");
    let out = PathBuf::from(env::var_os("OUT_DIR").context("run by cargo")?);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");

    let vectors = env::var_os("TAPCARD_VECTORS").map_or_else(|| root.join("vectors"), PathBuf::from);
    let blobs = root.join("bench/data/emv-blobs.txt");
    let measured = root.join("vectors");
    let pairs = Path::new("pairs.json");
    let signing = root.join("tests/profiles/signing.json");
    let sources = Sources { vectors: &vectors, pairs, measured: &measured, signing: &signing, blobs: &blobs };
    let generated = generate(&sources)?;
    fs::write(out.join("vectors.rs"), generated.source)?;
    println!("cargo::rerun-if-changed={}", vectors.display()); // the folder: a file may come
    for file in generated.files {
        println!("cargo::rerun-if-changed={}", file.display());
    }

    let target = env::var("TARGET")?;
    let (machine, tick_ns) = match target.as_str() {
        "thumbv7m-none-eabi" => ("lm3s6965evb", 80), // SysTick at 12.5 MHz, as the chip leaves reset
        "thumbv7em-none-eabihf" => ("mps2-an386", 40), // 25 MHz
        _ => bail!("no machine for {target}"),
    };
    let constants = format!(
        "pub(crate) const NAME: &str = {machine:?};\npub(crate) const INSTRUCTIONS_PER_TICK: u64 = {tick_ns};\n"
    );
    fs::write(out.join("machine.rs"), constants)?;
    fs::copy(format!("memory/{machine}.x"), out.join("memory.x"))?;
    println!("cargo::rustc-link-search={}", out.display());
    Ok(())
}
