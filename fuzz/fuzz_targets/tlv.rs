//! BER-TLV: every object lies where it says and inside the one around it, both walks see the same, and what is written
//! again is read again.
//!
//! Covers: apdu/iso7816/src/tlv
#![no_main]

use libfuzzer_sys::fuzz_target;
use tapcard_fuzz::offset_in;
use tapcard_iso7816::{
    CapacityError, Class, MAX_DEPTH, Tag, Tlv, TlvError, TlvErrorKind, TlvWriter, Tlvs, Walk, find, find_deep,
    find_path,
};

fuzz_target!(|data: &[u8]| {
    let (objects, error) = walk(data);
    check_offsets(data, &objects);
    check_error(data, error);
    check_against_recursion(data, &objects, error);
    check_search(data, &objects);
    if error.is_none() {
        check_writing(data, &objects);
    }
});

type Objects<'a> = Vec<(u8, Tlv<'a>)>;

fn walk(data: &[u8]) -> (Objects<'_>, Option<TlvError>) {
    let mut walk = Walk::new(data);
    let mut objects = Vec::new();
    for item in walk.by_ref() {
        match item {
            Ok(object) => objects.push(object),
            Err(error) => {
                assert!(walk.next().is_none(), "an error ends the walk");
                return (objects, Some(error));
            }
        }
    }
    (objects, None)
}

/// Each object stands behind the ones before it, at its offset, and inside the one that is open around it.
fn check_offsets(data: &[u8], objects: &Objects<'_>) {
    let mut ends = vec![data.len()];
    let mut last = 0;
    for (depth, object) in objects {
        let depth = usize::from(*depth);
        assert!(depth < ends.len() && depth < MAX_DEPTH);
        ends.truncate(depth + 1);
        let end = object.offset + object.whole_len();
        assert!(object.offset >= last && end <= ends[depth]);
        assert_eq!(offset_in(data, object.value), object.offset + object.header);
        let (tag, octets) = Tag::parse(&data[object.offset..]).expect("the tag was read there");
        assert_eq!((tag, octets), (object.tag, object.tag.octet_count()));
        assert!(octets < object.header && object.header <= octets + 5);
        last = object.offset + object.header;
        if object.tag.is_constructed() {
            ends.push(end);
        } else {
            last = end;
        }
    }
}

fn check_error(data: &[u8], error: Option<TlvError>) {
    let Some(TlvError { kind, offset }) = error else { return };
    assert!(offset < data.len() && data[offset] != 0x00, "an error points at the tag of the broken object");
    match kind {
        TlvErrorKind::TruncatedValue { needed, left } => assert!(left < needed && left < data.len()),
        TlvErrorKind::FillByte => panic!("the walk skips fill octets"),
        _ => {}
    }
    assert!(error.is_some_and(|error| !error.to_string().is_empty()));
}

/// The plain way to walk: one level, and for each constructed object the same again.
fn check_against_recursion(data: &[u8], objects: &Objects<'_>, error: Option<TlvError>) {
    fn collect<'a>(level: Tlvs<'a>, depth: u8, found: &mut Objects<'a>) -> Result<(), TlvError> {
        for object in level {
            let object = object?;
            if object.tag.is_constructed() && usize::from(depth) == MAX_DEPTH - 1 {
                return Err(TlvError { kind: TlvErrorKind::TooDeep, offset: object.offset });
            }
            found.push((depth, object));
            if object.tag.is_constructed() {
                collect(object.children(), depth + 1, found)?;
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    let result = collect(Tlvs::new(data), 0, &mut found);
    assert_eq!((&found, result.err()), (objects, error));

    let mut level = Tlvs::new(data);
    loop {
        assert_eq!(level.offset() + level.rest().len(), data.len());
        assert!(level.rest().is_empty() || offset_in(data, level.rest()) == level.offset());
        if level.next().is_none() {
            break;
        }
    }
    assert_eq!(level.offset(), data.len());
}

fn check_search(data: &[u8], objects: &Objects<'_>) {
    let Some((_, last)) = objects.last() else { return };
    let first = |depth: Option<u8>| {
        let fits = |(at, object): &&(u8, Tlv<'_>)| object.tag == last.tag && depth.is_none_or(|depth| depth == *at);
        objects.iter().find(fits).map(|(_, object)| object.value)
    };
    assert_eq!(find_deep(data, last.tag), first(None));
    // A level is searched to its end, even where an earlier object is broken inside.
    if let Some(value) = first(Some(0)) {
        assert_eq!(find(data, last.tag), Some(value));
        assert_eq!(find_path(data, &[last.tag]), Some(value));
    }
    assert_eq!(find_path(data, &[]), Some(data));
    check_tag(last.tag);
    let debug = format!("{last:?}");
    assert!(debug.len() < 60, "a value may be a PAN: {debug}");
}

/// A tag that was read is one, and is found again in its text.
fn check_tag(tag: Tag) {
    assert!(tag.is_well_formed());
    assert_eq!((tag.to_string().parse(), format!("{tag:?}").to_lowercase().parse()), (Ok(tag), Ok(tag)));
    let first = tag.get() >> (8 * (tag.octet_count() - 1));
    assert_eq!(tag.is_constructed(), first & 0x20 != 0);
    let class = [Class::Universal, Class::Application, Class::ContextSpecific, Class::Private][first as usize >> 6];
    assert_eq!(tag.class(), class);
}

/// Lengths in the shortest form and no fill octets: never longer than what was read, and the same objects.
fn check_writing(data: &[u8], objects: &Objects<'_>) {
    fn write(level: Tlvs<'_>, writer: &mut TlvWriter<'_>) -> Result<(), CapacityError> {
        for object in level {
            let object = object.expect("it was read before");
            if object.tag.is_constructed() {
                writer.constructed(object.tag, |inner| write(object.children(), inner))?;
            } else {
                writer.primitive(object.tag, object.value)?;
            }
        }
        Ok(())
    }
    let mut buffer = vec![0; data.len()];
    let mut writer = TlvWriter::new(&mut buffer);
    write(Tlvs::new(data), &mut writer).expect("the shortest form is not longer");
    let length = writer.finish();
    let again: Vec<_> = Walk::new(&buffer[..length]).map(|item| item.expect("it was just written")).collect();
    assert_eq!(again.len(), objects.len());
    for ((depth, object), (depth_before, before)) in again.iter().zip(objects) {
        assert_eq!((depth, object.tag), (depth_before, before.tag));
        assert!(before.tag.is_constructed() || object.value == before.value);
    }
    if let Some(short) = length.checked_sub(1) {
        let mut writer = TlvWriter::new(&mut buffer[..short]);
        let error = write(Tlvs::new(data), &mut writer).expect_err("one octet is missing");
        assert_eq!(error.capacity, short);
        assert!(error.needed > short);
    }
}
