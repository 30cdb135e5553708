//! What the linker keeps of the dictionary in an image for a microcontroller: the rows, and without feature `names` not
//! one of their names and clauses. The image is `firmware/boards/size-probe`, built with the feature and without.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tapcard_emv::tags::objects;
use tapcard_tests::programs::run_for;

/// Shorter names (`PIN`, `Track`) may occur by chance in code or in a message.
const SHORTEST: usize = 7;

fn probe(feature: Option<&str>) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut build = Command::new(root.join("scripts/firmware.sh"));
    build.arg("probe").args(feature).current_dir(&root);
    let ran = run_for(&mut build, Duration::from_secs(900)).unwrap_or_else(|why| panic!("{why}")).expect_code(0);
    std::fs::read(ran.stdout.lines().last().unwrap()).unwrap()
}

fn texts() -> BTreeSet<&'static str> {
    objects().iter().flat_map(|row| [row.name, row.clause]).filter(|text| text.len() >= SHORTEST).collect()
}

fn contains(image: &[u8], octets: &[u8]) -> bool {
    image.windows(octets.len()).any(|window| window == octets)
}

fn linked(image: &[u8]) -> BTreeSet<&'static str> {
    texts().into_iter().filter(|text| contains(image, text.as_bytes())).collect()
}

#[test]
fn no_string_of_the_dictionary_is_linked_without_names() {
    let (plain, named) = (probe(None), probe(Some("names")));
    for image in [&plain, &named] {
        // ELF, 32 bits, little-endian; machine 40 is ARM.
        assert_eq!(
            (image.get(..6), image.get(18..20)),
            (Some(b"\x7FELF\x01\x01".as_slice()), Some([40, 0].as_slice()))
        );
        // Without the rows themselves the absence of their names would prove nothing.
        for row in objects() {
            assert!(contains(image, &row.tag.get().to_le_bytes()), "the row of {} is not linked", row.tag);
        }
    }
    let (all, without, with) = (texts(), linked(&plain), linked(&named));
    println!(
        "figure: {} names and clauses of {} objects: {} linked without `names`, {} with; images of {} and {} octets",
        all.len(),
        objects().len(),
        without.len(),
        with.len(),
        plain.len(),
        named.len()
    );
    assert_eq!(without, BTreeSet::new());
    assert_eq!(with, all, "the image with `names` shows that this test can find them");
}
