//! Bounds that keep hostile input from filling memory.

/// Most data objects, entries or rules that are explained. A tree of so many takes about 10 MB; no card answers a
/// hundredth of it at once.
pub const MAX_NODES: usize = 20_000;
