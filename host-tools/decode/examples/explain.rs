//! `cargo run -p tapcard-decode --example explain -- KIND HEX [HEX]`: explains data, as text or with `--json` as JSON.

use std::error::Error;

use tapcard_decode::{Context, Input, Kind, explain, explain_guessed, render};

fn main() -> Result<(), Box<dyn Error>> {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let json = words.iter().position(|word| word == "--json").map(|at| words.remove(at)).is_some();
    let kind = words.first().and_then(|word| Kind::from_word(word));
    let octets = words.iter().skip(usize::from(kind.is_some())).map(hex::decode).collect::<Result<Vec<_>, _>>()?;
    let input = match octets.as_slice() {
        [first] => Input::one(first),
        [first, second] => Input::two(first, second),
        _ => return Err("one or two pieces of data are needed".into()),
    };
    let context = Context::default();
    let explained = match kind {
        Some(kind) => explain(kind, input, &context),
        None => explain_guessed(input, &context),
    };
    let mut out = std::io::stdout().lock();
    match json {
        true => serde_json::to_writer_pretty(&mut out, &render::to_json(&explained))?,
        false => render::write_text(&explained, render::Style::default(), &mut out)?,
    }
    Ok(())
}
