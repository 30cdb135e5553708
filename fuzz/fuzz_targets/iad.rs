//! Issuer application data: the parts of each layout put together again are the whole value.
//!
//! Input: an octet that chooses the scheme, then the value.
//!
//! Covers: apdu/emv/src/iad
#![no_main]

use libfuzzer_sys::fuzz_target;
use tapcard_emv::Scheme;
use tapcard_emv::iad::{Cvr, CvrAc, Iad, IadError, Layout, MChipProduct, VisaCvr};

const SCHEMES: [Option<Scheme>; 6] =
    [None, Some(Scheme::Visa), Some(Scheme::Mastercard), Some(Scheme::UnionPay), Some(Scheme::Amex), Some(Scheme::Jcb)];

fuzz_target!(|data: &[u8]| {
    let Some((chosen, value)) = data.split_first() else { return };
    for layout in Layout::ALL {
        match layout.parse(value) {
            Ok(iad) => {
                assert!(layout.fits(value) && iad.layout() == layout);
                check_parts(&iad, value);
                if let Some((_, shorter)) = value.split_last() {
                    check_shorter(layout, shorter, value);
                }
            }
            Err(error) => check_error(value, error),
        }
    }
    check_choice(value, SCHEMES[usize::from(*chosen) % SCHEMES.len()]);
});

fn check_parts(iad: &Iad<'_>, value: &[u8]) {
    let mut whole = Vec::new();
    match iad {
        Iad::Ccd(ccd) => {
            whole.extend([0x0F, ccd.cci, ccd.dki]);
            whole.extend(ccd.cvr.octets());
            whole.extend(ccd.counters);
            whole.push(0x0F);
            whole.extend(ccd.discretionary);
            let _ = (ccd.cipher(), ccd.cvr.pin_tries(), ccd.cvr.script_count());
        }
        Iad::MChip(mchip) => {
            whole.extend([mchip.dki, mchip.cvn]);
            whole.extend(mchip.cvr.octets());
            whole.extend(mchip.dac_or_idn);
            whole.extend(mchip.counters);
            whole.extend(mchip.further);
            assert_eq!(mchip.product() == MChipProduct::MChip4OrAdvance, value.len() == 18);
            let _ = (mchip.session_key(), mchip.has_counters_in_mac(), mchip.cvr.script_count(), mchip.cvr.pin_tries());
        }
        Iad::Visa(visa) => match visa.cvr {
            VisaCvr::Card(cvr) => {
                whole = card_head(visa.dki, visa.cvn, cvr);
                discretionary(&mut whole, visa.discretionary, value);
                assert!(visa.option.is_none() && matches!(visa.format(), 0 | 1 | 3));
            }
            VisaCvr::Device(cvr) => {
                whole.extend([0x1F, visa.cvn, visa.dki]);
                whole.extend(cvr.octets());
                whole.push(visa.option.expect("a device's layout has the option"));
                whole.extend(visa.discretionary);
                assert!(matches!(visa.format(), 2 | 4));
                assert!(!cvr.kind().meaning().is_empty() && !cvr.entity().meaning().is_empty());
            }
        },
        Iad::UnionPay(unionpay) => {
            whole.extend([0x07, unionpay.dki, unionpay.cvn]);
            whole.extend(unionpay.cvr.octets());
            whole.push(unionpay.algorithm_id);
            let idd = unionpay.idd.map(|idd| [&[idd.id], idd.data].concat());
            discretionary(&mut whole, &idd.unwrap_or_default(), value);
            if let Some(idd) = unionpay.idd {
                assert_eq!(idd.mac4().is_some(), idd.data.len() >= 4);
                assert!(idd.ec_balance().is_none_or(|balance| idd.id == 1 && balance.minor() < 10_u64.pow(10)));
            }
        }
        Iad::Amex(amex) => {
            whole = card_head(amex.dki, amex.cvn, amex.cvr);
            discretionary(&mut whole, amex.discretionary, value);
        }
        other => panic!("new layout, not checked: {other:?}"),
    }
    assert_eq!(whole, value);
    assert!(!iad.layout().name().is_empty() && !iad.first_ac().to_string().is_empty());
    assert!(value.contains(&iad.dki()) && value.contains(&iad.cvn()));
    assert_ne!(iad.first_ac(), CvrAc::NotRequested);
    assert_ne!(iad.second_ac(), CvrAc::Arqc);
}

fn card_head(dki: u8, cvn: u8, cvr: Cvr) -> Vec<u8> {
    let mut head = vec![0x06, dki, cvn];
    head.extend(cvr.octets());
    head
}

/// The data behind their length; no data may have no length, too.
fn discretionary(whole: &mut Vec<u8>, data: &[u8], value: &[u8]) {
    if !data.is_empty() || value.len() > whole.len() {
        whole.push(data.len() as u8);
        whole.extend(data);
    }
}

/// The length is part of every layout: one octet less fits only where it was the length of no data, and for M/Chip and its
/// further counters never.
fn check_shorter(layout: Layout, shorter: &[u8], value: &[u8]) {
    let was_length_of_nothing = value.last() == Some(&0) && matches!(shorter.len(), 7 | 8);
    assert!(!layout.fits(shorter) || was_length_of_nothing);
}

fn check_choice(value: &[u8], scheme: Option<Scheme>) {
    let found = Iad::parse(value, scheme);
    if Layout::Ccd.fits(value) {
        assert_eq!(found.map(|iad| iad.layout()), Ok(Layout::Ccd));
        return;
    }
    match scheme.and_then(Layout::of) {
        Some(layout) => assert_eq!(found, layout.parse(value)),
        None => {
            let first = Layout::ALL.into_iter().find(|layout| layout.fits(value));
            assert_eq!(found.map(|iad| iad.layout()), first.ok_or(IadError::Unknown { found: value.len() }));
        }
    }
}

fn check_error(value: &[u8], error: IadError) {
    match error {
        IadError::Length { expected, found } => assert!(found == value.len() && found != expected || expected == 18),
        IadError::Octet { offset, expected, found } => assert!(value[offset] == found && found != expected),
        IadError::Version { offset, found } => assert_eq!(value[offset], found),
        IadError::Discretionary { offset, expected, found } => {
            assert_eq!(usize::from(value[offset]), expected);
            assert!(expected != found && offset + 1 + found == value.len());
        }
        other => panic!("not an error of one layout: {other}"),
    }
    assert!(!error.to_string().is_empty());
}
