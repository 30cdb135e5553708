//! The inputs: what cards send, and two extremes.

/// How deep [`Shape::deep`] is: what EMV cards never reach and `tapcard_iso7816::MAX_DEPTH` still allows.
const LEVELS: u8 = 16;

/// A named list of inputs, decoded one after the other.
pub struct Shape {
    /// For command lines and tables.
    pub name: &'static str,
    /// The inputs; each is decoded by itself.
    pub inputs: Vec<Vec<u8>>,
    /// Constructed and primitive objects in all inputs.
    pub objects: u64,
}

impl Shape {
    /// Number of octets in all inputs.
    #[must_use]
    pub fn octets(&self) -> usize {
        self.inputs.iter().map(Vec::len).sum()
    }

    /// The 16 answers of payment cards in `data/emv-blobs.txt`.
    ///
    /// # Panics
    /// When the file is not what it says.
    #[must_use]
    pub fn emv() -> Self {
        let inputs = blobs().map(|(_, octets)| octets).collect();
        Self { name: "emv", inputs, objects: 167 }
    }

    /// One input of 16 levels: each template holds a leaf and the next template.
    #[must_use]
    pub fn deep() -> Self {
        let mut inner = Vec::new();
        for level in (0..LEVELS).rev() {
            let mut value = vec![0x9F, 0x36, 0x02, 0x00, level];
            value.extend(&inner);
            inner = if level == 0 { value } else { template(&value) };
        }
        Self { name: "deep", inputs: vec![inner], objects: u64::from(LEVELS) * 2 - 1 }
    }

    /// One template of `count` small objects. They are small because flexiber takes no template above 65535 octets.
    #[must_use]
    pub fn wide(name: &'static str, count: u16) -> Self {
        let value: Vec<u8> = (0..count)
            .flat_map(|n| {
                let [high, low] = n.to_be_bytes();
                if n % 2 == 0 { vec![0x9F, 0x36, 0x02, high, low] } else { vec![0x82, 0x02, high, low] }
            })
            .collect();
        Self { name, inputs: vec![template(&value)], objects: u64::from(count) + 1 }
    }

    /// All of them, in the order of the tables.
    #[must_use]
    pub fn all() -> [Self; 4] {
        [Self::emv(), Self::deep(), Self::wide("wide-100", 100), Self::wide("wide-10000", 10_000)]
    }
}

/// The blobs with the vectors that they come from.
///
/// # Panics
/// When the file is not what it says.
pub fn blobs() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    let lines = include_str!("../data/emv-blobs.txt").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| {
        let (origin, octets) = line.split_once(": ").expect("`ORIGIN: HEX`");
        (origin, hex::decode(octets).expect("hexadecimal"))
    })
}

/// Template 70 around `value`.
fn template(value: &[u8]) -> Vec<u8> {
    let octets = value.len().to_be_bytes();
    let significant = octets.iter().position(|octet| *octet != 0).map_or(&[0][..], |first| &octets[first..]);
    let mut whole = vec![0x70];
    if value.len() > 0x7F {
        whole.push(0x80 | u8::try_from(significant.len()).expect("at most 8"));
    }
    whole.extend(significant);
    whole.extend(value);
    whole
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::Value;
    use tapcard_iso7816::Walk;

    use super::*;

    /// The octets of a vector, as the first comment of the data file says how to find them.
    fn vector(origin: &str) -> String {
        let (id, exchange) = match origin.split_once(" exchange ") {
            Some((id, exchange)) => (id, exchange.parse::<usize>().ok()),
            None => (origin, None),
        };
        let files = fs::read_dir("../vectors").unwrap().map(|file| file.unwrap().path());
        for file in files.filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
            let cases: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
            let mut cases = cases.as_array().into_iter().flatten();
            let Some(case) = cases.find(|case| case["id"] == id) else { continue };
            return match exchange {
                Some(n) => case["exchanges"][n]["r"].as_str().unwrap().strip_suffix("9000").unwrap().to_owned(),
                None => case["hex"].as_str().unwrap().to_owned(),
            };
        }
        panic!("no vector `{id}`");
    }

    #[test]
    fn blobs_are_those_of_the_vectors() {
        for (origin, octets) in blobs() {
            assert_eq!(hex::encode_upper(octets), vector(origin), "{origin}");
        }
    }

    #[test]
    fn shapes_have_the_stated_number_of_objects() {
        for shape in Shape::all() {
            let objects: usize = shape.inputs.iter().map(|input| Walk::new(input).map(Result::unwrap).count()).sum();
            assert_eq!(objects as u64, shape.objects, "{}", shape.name);
        }
        assert_eq!((Shape::emv().inputs.len(), Shape::emv().octets()), (16, 1968));
        let deepest = Shape::deep().inputs.iter().flat_map(|input| Walk::new(input)).map(|item| item.unwrap().0).max();
        assert_eq!(deepest, Some(LEVELS - 1));
    }
}
