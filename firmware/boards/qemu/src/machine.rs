//! What differs between the machines. `build.rs` chooses by the target.

include!(concat!(env!("OUT_DIR"), "/machine.rs"));
