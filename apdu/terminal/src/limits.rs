//! Every capacity and bound of this crate in one place, with the RAM that it costs.
//!
//! A card decides how often a loop runs; these numbers decide when it has had enough.

/// Applications that one card may list. 20 octets each. EMV cards carry one to five.
pub const MAX_APPLICATIONS: usize = 16;

/// Octets of a PDOL that are kept until GET PROCESSING OPTIONS is sent; 252 octets of RAM. A short FCI holds no longer one.
pub const MAX_PDOL: usize = 252;

/// Octets of an AFL: the longest that the standard allows (EMV 4.4 Book 3, 10.2); 252 octets of RAM.
pub const MAX_AFL: usize = 252;

/// Records that an AFL may name in all. 63 entries of 255 records would be legal octets and a quarter of an hour of reading.
pub const MAX_LISTED_RECORDS: u16 = 255;

/// Records that are tried in one file when no AFL tells how many there are.
pub const MAX_BLIND_RECORDS: u8 = 32;

/// The last file that is tried without an AFL: SFIs 1 to 10 belong to the payment application (EMV 4.4 Book 3, 5.3.2.2).
pub const LAST_BLIND_SFI: u8 = 10;

/// C-APDUs of one reading in all. A card with sixteen applications and full logs needs about 700.
pub const MAX_COMMANDS: u16 = 2048;

/// Occurrences of one name that a payment asks for with SELECT next (EMV 4.4 Book 1, 12.3.3).
pub const MAX_OCCURRENCES: u8 = 16;

/// Issuer scripts of one answer whose results are told; 80 octets of RAM. The standard guarantees 128 octets of scripts in all,
/// which hold about ten.
pub const MAX_SCRIPTS: usize = 16;

/// PINs that one card may ask for. Real cards stop at three.
pub const MAX_PIN_TRIES: u8 = 15;

/// C-APDUs of one payment in all: two directories, 255 records, PINs and scripts need about 600.
pub const MAX_PAYMENT_COMMANDS: u16 = 1024;

/// Octets that the owner's output buffer of a payment must have: the longest request to the host is below it.
pub const MIN_OUTPUT: usize = 512;

/// Records that are read of one file of a purse: the trips of China T-Union, the longest file known, has 30.
pub const MAX_PURSE_RECORDS: u8 = 30;
