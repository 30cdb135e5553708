//! Our BER-TLV reader against the crate `iso7816-tlv`, object by object: tag, offset, length and value.
//!
//! That crate is a second opinion, not a standard: where it knowingly reads less or otherwise, the difference has a name
//! ([`Difference`]), a predicate that finds it in the data, and a case that shows it. Everything else must be equal for
//! arbitrary octets, for well-formed data and for well-formed data with a fault.
//!
//! It gives no offsets and no lengths of headers. They are summed from the sizes of its objects with lengths in the
//! shortest form, which is right as long as the data have no longer ones.

use iso7816_tlv::ber::{Tlv as TheirTlv, Value};
use proptest::prelude::*;
use tapcard_iso7816::{Tag, Tlv, TlvError, TlvErrorKind, TlvWriter, Tlvs, Walk};

/// One object with everything that is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Object {
    depth: u8,
    tag: u64,
    offset: usize,
    header: usize,
    value: Vec<u8>,
}

/// Where we and `iso7816-tlv` 0.4 read differently on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Difference {
    /// `00` between objects: we skip it (EMV 4.4 Book 3, Annex B1), they take it for a broken tag.
    FillOctets,
    /// Tags of four octets: we read them, they call them reserved.
    LongTag,
    /// Length `80`: we refuse it, they take it for 0.
    IndefiniteLength,
    /// A length coded longer than needed inside a template: they count the shortest form and lose their place.
    NonMinimalLength,
    /// A constructed object on the sixteenth level: we refuse it, they recurse.
    TooDeep,
}

/// The first object of `input`, which begins at `offset` of the outermost input, with all that is in it.
fn ours(input: &[u8], offset: usize) -> Result<(Vec<Object>, usize), TlvError> {
    let mut level = Tlvs::at(input, offset);
    let Some(top) = level.next().transpose()? else { return Ok((Vec::new(), input.len())) };
    let whole = input.get(top.offset - offset..top.offset - offset + top.whole_len()).unwrap_or_default();
    let objects = Walk::new(whole).map(|item| {
        let (depth, Tlv { tag, value, offset, header, .. }) = item?;
        Ok(Object { depth, tag: tag.get().into(), offset: top.offset + offset, header, value: value.to_vec() })
    });
    let objects = objects.collect::<Result<_, TlvError>>()?;
    Ok((objects, level.offset() - offset))
}

/// The same by `iso7816-tlv`.
fn theirs(input: &[u8], offset: usize) -> Result<(Vec<Object>, usize, TheirTlv), iso7816_tlv::TlvError> {
    let (tlv, rest) = TheirTlv::parse(input);
    let tlv = tlv?;
    let mut objects = Vec::new();
    flatten(&tlv, 0, offset, &mut objects);
    Ok((objects, input.len() - rest.len(), tlv))
}

fn flatten(tlv: &TheirTlv, depth: u8, offset: usize, objects: &mut Vec<Object>) {
    let header = size(tlv) - content(tlv);
    let at = objects.len();
    objects.push(Object { depth, tag: tlv.tag().clone().into(), offset, header, value: Vec::new() });
    let value = match tlv.value() {
        Value::Primitive(value) => value.clone(),
        Value::Constructed(children) => {
            let mut offset = offset + header;
            for child in children {
                flatten(child, depth.saturating_add(1), offset, objects);
                offset += size(child);
            }
            children.iter().flat_map(encode).collect()
        }
    };
    if let Some(object) = objects.get_mut(at) {
        object.value = value;
    }
}

/// Octets of the value, lengths in the shortest form.
fn content(tlv: &TheirTlv) -> usize {
    match tlv.value() {
        Value::Primitive(value) => value.len(),
        Value::Constructed(children) => children.iter().map(size).sum(),
    }
}

/// Octets of the whole object, lengths in the shortest form.
fn size(tlv: &TheirTlv) -> usize {
    tlv.tag().len_as_bytes() + shortest_length(content(tlv)).len() + content(tlv)
}

/// `to_vec` of `iso7816-tlv` writes a length of 127 as `817F`, so the objects are encoded here.
fn encode(tlv: &TheirTlv) -> Vec<u8> {
    let value = match tlv.value() {
        Value::Primitive(value) => value.clone(),
        Value::Constructed(children) => children.iter().flat_map(encode).collect(),
    };
    [tlv.tag().to_bytes(), &shortest_length(value.len()), &value].concat()
}

fn shortest_length(length: usize) -> Vec<u8> {
    let octets: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
    match u8::try_from(octets.len()) {
        Ok(_) if length < 0x80 => octets.into_iter().chain([0]).take(1).collect(),
        Ok(count) => [&[0x80 | count], &octets[..]].concat(),
        Err(_) => octets,
    }
}

/// Whether there is fill before the first object or inside a template.
fn has_fill(input: &[u8], objects: &[Object]) -> bool {
    let has_gap = |parent: &Object| {
        let constructed = Tag::new(u32::try_from(parent.tag).unwrap_or_default()).is_constructed();
        let end = parent.offset + parent.header + parent.value.len();
        let children = objects.iter().filter(|child| {
            child.depth == parent.depth + 1 && (parent.offset + parent.header..end).contains(&child.offset)
        });
        constructed && children.map(|child| child.header + child.value.len()).sum::<usize>() != parent.value.len()
    };
    input.first() == Some(&0x00) || objects.iter().any(has_gap)
}

fn has_long_tag(objects: &[Object]) -> bool {
    objects.iter().any(|object| object.tag > 0x00FF_FFFF)
}

fn has_non_minimal_length(objects: &[Object]) -> bool {
    objects.iter().any(|object| {
        let tag = Tag::new(u32::try_from(object.tag).unwrap_or_default()).octet_count();
        object.header != tag + shortest_length(object.value.len()).len()
    })
}

/// The difference that explains why the two readings of the first object are not equal; `None`: they are equal.
fn difference(input: &[u8], offset: usize) -> Result<Option<Difference>, String> {
    let (ours, theirs) = (ours(input, offset), theirs(input, offset));
    match (&ours, &theirs) {
        (Ok((ours, our_end)), Ok((theirs, their_end, _))) if ours == theirs && our_end == their_end => Ok(None),
        (Err(_), Err(_)) => Ok(None),
        (Ok((objects, _)), _) if has_fill(input, objects) => Ok(Some(Difference::FillOctets)),
        (Ok((objects, _)), _) if has_non_minimal_length(objects) => Ok(Some(Difference::NonMinimalLength)),
        (Ok((objects, _)), Err(iso7816_tlv::TlvError::TagIsRFU)) if has_long_tag(objects) => {
            Ok(Some(Difference::LongTag))
        }
        (Err(TlvError { kind: TlvErrorKind::IndefiniteLength, .. }), Ok(_)) => Ok(Some(Difference::IndefiniteLength)),
        (Err(TlvError { kind: TlvErrorKind::TooDeep, .. }), Ok(_)) => Ok(Some(Difference::TooDeep)),
        // What they took for the end of the object is not where their reader stands.
        (Err(_), Ok((_, their_end, tlv))) if size(tlv) != *their_end => Ok(Some(Difference::NonMinimalLength)),
        _ => Err(format!("at {offset} of {input:02X?}\n ours: {ours:02X?}\n theirs: {theirs:02X?}")),
    }
}

/// Compares object after object of the top level; returns the differences met.
fn compare(input: &[u8]) -> Result<Vec<Difference>, String> {
    let (mut offset, mut differences) = (0, Vec::new());
    while let Some(rest @ [_, ..]) = input.get(offset..) {
        differences.extend(difference(rest, offset)?);
        match ours(rest, offset) {
            Ok((_, length)) => offset += length,
            Err(_) => break,
        }
    }
    Ok(differences)
}

#[test]
fn fill_octets_are_only_skipped_by_us() {
    for input in [&[0x00, 0x50, 0x00][..], &[0x50, 0x00, 0x00], &[0x70, 0x03, 0x00, 0x50, 0x00]] {
        assert!(Tlvs::new(input).all(|object| object.is_ok()));
        assert_eq!(compare(input), Ok(vec![Difference::FillOctets]), "{input:02X?}");
    }
}

#[test]
fn tags_of_four_octets_are_only_read_by_us() {
    let input = [0x9F, 0x81, 0x82, 0x03, 0x01, 0x55];
    assert_eq!(Tlvs::new(&input).next().unwrap().unwrap().tag, Tag::new(0x9F81_8203));
    assert!(matches!(TheirTlv::parse(&input).0, Err(iso7816_tlv::TlvError::TagIsRFU)));
    assert_eq!(compare(&input), Ok(vec![Difference::LongTag]));
}

#[test]
fn the_indefinite_length_is_only_refused_by_us() {
    let input = [0x50, 0x80];
    let error = TlvError { kind: TlvErrorKind::IndefiniteLength, offset: 0 };
    assert_eq!(Tlvs::new(&input).next(), Some(Err(error)));
    assert!(TheirTlv::parse(&input).0.is_ok());
    assert_eq!(compare(&input), Ok(vec![Difference::IndefiniteLength]));
    assert_eq!(compare(&[0x70, 0x02, 0x50, 0x80]), Ok(vec![Difference::IndefiniteLength]));
}

#[test]
fn a_length_longer_than_needed_is_only_counted_right_by_us() {
    // The template has four octets, the object in it as well; they count three and want one more.
    let input = [0x70, 0x04, 0x50, 0x81, 0x01, 0x41];
    assert_eq!(Walk::new(&input).filter_map(Result::ok).count(), 2);
    assert!(TheirTlv::parse(&input).0.is_err());
    assert_eq!(compare(&input), Ok(vec![Difference::NonMinimalLength]));
    // The template has three octets, so its object is cut off; they count three and find it whole.
    let input = [0x70, 0x03, 0x50, 0x81, 0x01, 0x41];
    let kind = TlvErrorKind::TruncatedValue { needed: 1, left: 0 };
    assert_eq!(Walk::new(&input).nth(1), Some(Err(TlvError { kind, offset: 2 })));
    assert!(TheirTlv::parse(&input).0.is_ok());
    assert_eq!(compare(&input), Ok(vec![Difference::NonMinimalLength]));
}

#[test]
fn a_seventeenth_level_is_only_refused_by_us() {
    let mut input = vec![0x70, 0x00];
    for _ in 1..16 {
        input.splice(0..0, [0x70, u8::try_from(input.len()).unwrap()]);
    }
    assert_eq!(Walk::new(&input).last().unwrap().unwrap_err().kind, TlvErrorKind::TooDeep);
    assert!(TheirTlv::parse(&input).0.is_ok());
    assert_eq!(compare(&input), Ok(vec![Difference::TooDeep]));
}

#[test]
fn their_writer_is_no_reference_for_a_length_of_127() {
    let tag = iso7816_tlv::ber::Tag::try_from(0x50_u8).unwrap();
    let tlv = TheirTlv::new(tag, Value::Primitive(vec![0x41; 127])).unwrap();
    assert_eq!(tlv.to_vec()[..3], [0x50, 0x81, 0x7F], "the shortest form is 7F");
    assert_eq!(encode(&tlv)[..2], [0x50, 0x7F]);
    assert_eq!(compare(&encode(&tlv)), Ok(vec![]));
}

#[test]
fn an_fci_is_read_the_same() {
    let input = b"\x6F\x20\x84\x0E2PAY.SYS.DDF01\xA5\x0E\xBF\x0C\x0B\x61\x09\x4F\x07\xA0\0\0\x03\x33\x01\x01\x9F\x36\x02\x00\x01";
    assert_eq!(compare(input), Ok(vec![]));
    let (objects, length) = ours(input, 0).unwrap();
    assert_eq!((objects.len(), length), (6, 34));
}

/// A well-formed object that both can read: tags up to three octets, no fill, shortest lengths.
#[derive(Clone, Debug)]
enum Node {
    Primitive(u32, Vec<u8>),
    Constructed(u32, Vec<Node>),
}

/// Completes a first octet and two others to a tag that both can read.
fn tag(first: u8, others: [u8; 2], constructed: bool) -> u32 {
    let first = if constructed { first | 0x20 } else { first & !0x20 };
    let [second, third] = others;
    match (first & 0x1F == 0x1F, second & 0x80 != 0) {
        // 00 is fill.
        (false, _) => u32::from(first.max(1)),
        (true, false) => u32::from_be_bytes([0, 0, first, second]),
        (true, true) => u32::from_be_bytes([0, first, second, third & 0x7F]),
    }
}

fn any_tag(constructed: bool) -> impl Strategy<Value = u32> {
    let first = prop_oneof![any::<u8>(), any::<u8>().prop_map(|octet| octet | 0x1F)];
    (first, any::<[u8; 2]>()).prop_map(move |(first, others)| tag(first, others, constructed))
}

fn node() -> impl Strategy<Value = Node> {
    let length = prop_oneof![0_usize..20, 120_usize..135, 250_usize..260];
    let value = length.prop_flat_map(|length| prop::collection::vec(any::<u8>(), length));
    let primitive = (any_tag(false), value).prop_map(|(tag, value)| Node::Primitive(tag, value));
    primitive.prop_recursive(6, 40, 5, |inner| {
        (any_tag(true), prop::collection::vec(inner, 0..5)).prop_map(|(tag, nodes)| Node::Constructed(tag, nodes))
    })
}

fn write(nodes: &[Node]) -> Vec<u8> {
    fn put(node: &Node, writer: &mut TlvWriter<'_>) -> Result<(), tapcard_iso7816::CapacityError> {
        match node {
            Node::Primitive(tag, value) => writer.primitive(Tag::new(*tag), value),
            Node::Constructed(tag, nodes) => {
                writer.constructed(Tag::new(*tag), |inner| nodes.iter().try_for_each(|node| put(node, inner)))
            }
        }
    }
    let mut buffer = vec![0; 100_000];
    let mut writer = TlvWriter::new(&mut buffer);
    nodes.iter().try_for_each(|node| put(node, &mut writer)).expect("the buffer is large enough");
    let length = writer.finish();
    buffer.truncate(length);
    buffer
}

/// Octets that are often templates, long tags, lengths of every form and fill.
fn likely_tlv() -> impl Strategy<Value = Vec<u8>> {
    let octet = prop_oneof![Just(0x70_u8), Just(0x00), Just(0x9F), Just(0xBF), 0x80_u8..=0x85, 0_u8..12, any::<u8>(),];
    prop::collection::vec(octet, 0..80)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn well_formed_data_are_read_the_same(nodes in prop::collection::vec(node(), 1..4)) {
        let input = write(&nodes);
        prop_assert_eq!(compare(&input), Ok(vec![]));
    }

    #[test]
    fn well_formed_data_with_an_end_cut_off_fail_the_same(node in node(), keep in any::<prop::sample::Index>()) {
        let input = write(&[node]);
        let input = &input[..keep.index(input.len())];
        prop_assert_eq!(compare(input), Ok(vec![]));
    }

    #[test]
    fn well_formed_data_with_a_changed_octet_differ_only_as_documented(
        node in node(),
        place in any::<prop::sample::Index>(),
        octet in any::<u8>(),
    ) {
        let mut input = write(&[node]);
        let place = place.index(input.len());
        input[place] = octet;
        let differences = compare(&input);
        prop_assert!(differences.is_ok(), "{}", differences.unwrap_err());
    }

    #[test]
    fn arbitrary_octets_differ_only_as_documented(input in prop::collection::vec(any::<u8>(), 0..200)) {
        let differences = compare(&input);
        prop_assert!(differences.is_ok(), "{}", differences.unwrap_err());
    }

    #[test]
    fn likely_octets_differ_only_as_documented(input in likely_tlv()) {
        let differences = compare(&input);
        prop_assert!(differences.is_ok(), "{}", differences.unwrap_err());
    }
}
