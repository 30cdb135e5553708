//! Cards that the board plays again: images and keys of the built-in profiles, commands, and what `tapcard-card` answered and
//! kept on the host. Most commands are drawn, the same in each build; the others are those of the recorded sessions.

mod dice;
mod host;
mod rsa;
mod terminal;

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tapcard_card::{CardKeys, Image, Interface};
use tapcard_crypto::ac::CryptogramVersion;
use tapcard_profiles::{Personalisation, Profile, from_json};

use crate::rust::{literal, octets_in, slice};
use dice::Dice;
use host::{Host, Strings};
use terminal::Terminal;

/// Cards of each profile, and commands to each of them, at least.
const CARDS: usize = 5;
const APDUS: usize = 36;

/// All that is drawn, at least.
const FEWEST: usize = 1_000;

/// The seed of the card with a private key, whose signatures take the board most of its time.
const SIGNING_SEED: u64 = 100;
const SIGNING_CARDS: usize = 3;

/// The profile whose card gets the commands of recorded sessions: it knows the most instructions.
const RECORDED: &str = "pboc-ec";

/// Statics `CARDS`, `OCTETS` and `SIGNING`.
pub(crate) fn read(vectors: &Path, signing: &Path, recorded: &[Value]) -> Result<String> {
    let (mut strings, mut cards, mut drawn) = (Strings::default(), Vec::new(), 0);
    let builtin = tapcard_profiles::builtin().iter().map(|profile| Profile::load(profile.name));
    let builtin = builtin.collect::<Result<Vec<_>, _>>()?;
    for (profile, seed) in builtin.iter().zip(1..) {
        let recorded = if profile.name() == RECORDED { recorded } else { &[] };
        cards.push(card(profile, seed, CARDS, recorded, &mut strings, &mut drawn)?);
    }
    let signing = std::fs::read_to_string(signing).with_context(|| signing.display().to_string())?;
    cards.push(card(&from_json(&signing)?, SIGNING_SEED, SIGNING_CARDS, &[], &mut strings, &mut drawn)?);
    if drawn < FEWEST {
        bail!("{drawn} commands were drawn, not {FEWEST}");
    }
    if strings.all.len() >= 0xFFFF {
        bail!("more octet strings than a place can number");
    }
    let octets: Vec<_> = strings.all.iter().map(|octets| literal(octets)).collect();
    Ok(format!(
        "pub(crate) static CARDS: &[PlayedCard] = {};\npub(crate) static OCTETS: &[&[u8]] = {};\n{}",
        slice(&cards),
        slice(&octets),
        rsa::read(vectors)?
    ))
}

/// `PlayedCard { .. }`.
fn card(
    profile: &Personalisation,
    seed: u64,
    visits: usize,
    recorded: &[Value],
    strings: &mut Strings,
    drawn: &mut usize,
) -> Result<String> {
    let name = profile.name();
    let (image, keys) = (profile.image()?, profile.keys()?);
    let card_keys = keys.as_ref().map_or(Ok(CardKeys::NONE), |keys| CardKeys::parse(keys))?;
    let mut host = Host::new(Image::parse(&image)?, card_keys, strings);
    let version = if name == "visa" { CryptogramVersion::VISA_10 } else { CryptogramVersion::PBOC_01 };
    let mut dice = Dice(seed);
    for _ in 0..visits {
        Terminal { host: &mut host, dice: &mut dice, version }.visit(APDUS)?;
    }
    let random = host.apdus;
    *drawn += random;
    recorded.iter().try_for_each(|case| replay(&mut host, case))?;
    let (image, keys, recorded) = (literal(&image), keys.as_ref().map(|keys| literal(keys)), host.apdus - random);
    let keys = keys.map_or_else(|| String::from("None"), |keys| format!("Some({keys})"));
    let events = host.events.join(",\n    ");
    Ok(format!(
        "PlayedCard {{ name: {name:?}, image: {image}, keys: {keys}, recorded: {recorded}, events: &[\n    {events}\n] }}"
    ))
}

/// The commands of a `transcript`, in one session.
fn replay(host: &mut Host<'_>, case: &Value) -> Result<()> {
    host.fresh(Interface::Contact)?;
    for exchange in case.get("exchanges").and_then(Value::as_array).context("no `exchanges`")? {
        let command = octets_in(exchange, "c")?;
        if !command.is_empty() {
            host.send(&command)?;
        }
    }
    Ok(())
}
