//! C-APDUs: what is read is written again, never longer; an error says where the octets stop being a command.
//!
//! Covers: apdu/iso7816/src/command.rs apdu/iso7816/src/command
#![no_main]

use libfuzzer_sys::fuzz_target;
use tapcard_fuzz::offset_in;
use tapcard_iso7816::{CapacityError, Command, CommandError, Ins, Le, Sfi, Tag};

fuzz_target!(|data: &[u8]| {
    check_builders(data);
    match Command::parse(data) {
        Ok(command) => check_command(data, &command),
        Err(error) => check_error(data, error),
    }
});

/// What is built from any values is a command with these values.
fn check_builders(data: &[u8]) {
    let Some(([first, second, third], rest)) = data.split_first_chunk() else { return };
    let sfi = Sfi::new(first >> 3);
    assert!(sfi.is_none_or(|sfi| sfi.get() == first >> 3 && sfi.to_string().parse() == Ok(sfi.get())));
    let le = Le::new(u32::from(*third) << 9).unwrap_or(Le::MAX_EXTENDED);
    let tag = Tag::new(u32::from_be_bytes([0, 0, *first, *second]));
    let commands = [
        sfi.map(|sfi| (Command::read_record(sfi, *second), [0x00, 0xB2, *second, first & 0xF8 | 4])),
        sfi.map(|sfi| (Command::read_binary_sfi(sfi, *second), [0x00, 0xB0, 0x80 | first >> 3, *second])),
        Some((Command::select_name(rest), [0x00, 0xA4, 0x04, 0x00])),
        Some((Command::select_next(rest).without_le(), [0x00, 0xA4, 0x04, 0x02])),
        Some((Command::get_data(tag), [0x80, 0xCA, *first, *second])),
        Some((Command::get_processing_options(rest), [0x80, 0xA8, 0x00, 0x00])),
        Some((Command::get_response(*first, le), [*first, 0xC0, 0x00, 0x00])),
        Some((Command::new(0, Ins::from_octet(*second), 1, 2).with_cla(*first).with_le(le), [*first, *second, 1, 2])),
    ];
    for (command, header) in commands.into_iter().flatten() {
        let mut buffer = vec![0; command.encoded_len()];
        command.encode_into(&mut buffer).expect("it has the room that it asked for");
        assert_eq!(buffer[..4], header);
        assert_eq!(Command::parse(&buffer), Ok(command));
    }
}

fn check_command(data: &[u8], command: &Command<'_>) {
    assert_eq!(data[..4], [command.cla(), command.ins().octet(), command.p1(), command.p2()]);
    if !command.data().is_empty() {
        offset_in(data, command.data());
    }
    let mut buffer = vec![0; command.encoded_len()];
    assert_eq!(command.encode_into(&mut buffer), Ok(buffer.len()));
    assert_eq!(Command::parse(&buffer).as_ref(), Ok(command));
    if buffer != data {
        assert!(buffer.len() < data.len() && data[4] == 0x00, "only a needlessly extended command is written shorter");
    }
    let (short, needed) = (buffer.len() - 1, buffer.len());
    let error = CapacityError { needed, capacity: short };
    assert_eq!(command.encode_into(&mut buffer[..short]), Err(error));
    assert!(format!("{command:?}").len() < 60, "the data may be a PIN");
}

fn check_error(data: &[u8], error: CommandError) {
    let len = data.len();
    match error {
        CommandError::HeaderTruncated { found } => assert!(found == len && found < 4),
        CommandError::LengthTruncated { offset, found } => assert_eq!((offset + found, found), (len, 1)),
        CommandError::ZeroLc { offset } => assert_eq!(data[offset - 1..offset + 2], [0; 3]),
        CommandError::DataTruncated { offset, expected, found } => assert!(offset + found == len && found < expected),
        CommandError::Trailing { offset, found } => {
            assert!(offset + found == len && found > 0);
            assert!(Command::parse(&data[..offset]).is_ok(), "what stands before is a command");
        }
        other => panic!("new error, not checked: {other}"),
    }
    assert!(!error.to_string().is_empty());
}
