//! The TLV blobs whose walk is measured: the same as in the benchmark on the host, `bench/data/emv-blobs.txt`.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::rust::literal;

/// Lines of `NAME: HEX`, and of comments that begin with `#`.
pub(crate) fn read(path: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let blobs = literals(&text).with_context(|| path.display().to_string())?;
    if blobs.is_empty() {
        bail!("{}: no blobs", path.display());
    }
    Ok(blobs)
}

fn literals(text: &str) -> Result<Vec<String>> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let blob = |line: &str| {
        let (name, octets) = line.rsplit_once(": ").with_context(|| format!("`{line}` is not `NAME: HEX`"))?;
        Ok(literal(&hex::decode(octets).context(name.to_owned())?))
    };
    lines.map(blob).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_name_and_octets() {
        assert_eq!(literals("# from here\n\nfci exchange 1: 5A0112\n").unwrap(), [r#"b"\x5A\x01\x12""#]);
        assert!(literals("5A0112").is_err());
        assert!(literals("fci: 5A011").is_err());
    }
}
