//! A grammar written by hand with nom 8, with the checks that tapcard makes: what one would write without tapcard.

use nom::bytes::complete::take;
use nom::combinator::{map, map_opt, verify};
use nom::number::complete::{be_u16, be_u24, be_u32};
use nom::{IResult, Parser as _};

use super::Sink;

/// Decodes to leaves.
#[inline(always)]
pub fn decode(input: &[u8], sink: &mut impl Sink) -> Option<()> {
    level(input, sink)
}

fn level(mut input: &[u8], sink: &mut impl Sink) -> Option<()> {
    loop {
        while let [0x00, rest @ ..] = input {
            input = rest;
        }
        if input.is_empty() {
            return Some(());
        }
        let (rest, (first, tag, value)) = object(input).ok()?;
        if first & 0x20 == 0 {
            sink.leaf(tag, value);
        } else {
            level(value, sink)?;
        }
        input = rest;
    }
}

/// `be_u8` does the same, but reads every number in a loop over octets, which costs more than all the rest.
#[inline(always)]
fn octet(input: &[u8]) -> IResult<&[u8], u8> {
    map_opt(take(1_usize), |octets: &[u8]| octets.first().copied()).parse(input)
}

#[inline(always)]
fn object(input: &[u8]) -> IResult<&[u8], (u8, u32, &[u8])> {
    let (input, first) = octet(input)?;
    let (input, tag) = tag(first, input)?;
    let (input, length) = length(input)?;
    let (input, value) = take(length).parse(input)?;
    Ok((input, (first, tag, value)))
}

/// One to four octets; `first` is read already.
#[inline(always)]
fn tag(first: u8, input: &[u8]) -> IResult<&[u8], u32> {
    if first & 0x1F != 0x1F {
        return Ok((input, u32::from(first)));
    }
    let (mut rest, further) = octet(input)?;
    let mut tag = u32::from(first) << 8 | u32::from(further);
    let mut last = further;
    while last & 0x80 != 0 {
        (rest, last) = verify(octet, |_| tag <= 0xFF_FFFF).parse(rest)?;
        tag = tag << 8 | u32::from(last);
    }
    Ok((rest, tag))
}

#[inline(always)]
fn length(input: &[u8]) -> IResult<&[u8], u32> {
    let (input, first) = verify(octet, |first| matches!(first, 0x00..=0x7F | 0x81..=0x84)).parse(input)?;
    match first {
        0x81 => map(octet, u32::from).parse(input),
        0x82 => map(be_u16, u32::from).parse(input),
        0x83 => be_u24.parse(input),
        0x84 => be_u32.parse(input),
        short => Ok((input, u32::from(short))),
    }
}
