//! Emulated purses as people and scripts see them.

mod support;

use support::{stored, tapcard};

#[test]
fn a_transit_purse_is_read_as_text_and_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| tapcard(folder.path()).args(["-r", "virtual:t-union"]).args(arguments).assert();
    run(&["read"]).code(0).stdout_eq(stored("read-t-union.txt")).stderr_eq("");
    run(&["read", "--json"]).code(0).stdout_eq(stored("read-t-union.json")).stderr_eq("");
    run(&["balance"]).code(0).stdout_eq(stored("balance-t-union.txt")).stderr_eq("");
    run(&["balance", "--json"]).code(0).stdout_eq(stored("balance-t-union.json")).stderr_eq("");
}

#[test]
fn a_currency_without_decimals_is_shown_without_them() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| tapcard(folder.path()).args(["-r", "virtual:t-money"]).args(arguments).assert();
    run(&["read"]).code(0).stdout_eq(stored("read-t-money.txt")).stderr_eq("");
    run(&["balance", "--limits", "--aid", "D4100000030001"]).code(0).stdout_eq(stored("balance-t-money.txt"));
}
