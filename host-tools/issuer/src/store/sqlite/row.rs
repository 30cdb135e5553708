//! From rows to the types of the model. A value that this program does not write is named by its column.

use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row, Sqlite, Type};
use tapcard_emv::{Amount, Currency, Rid};

use super::{StoreError, database};
use crate::model::{Account, Card, Cash, KeySet, Movement, Pending, Recorded, State, Waiting};

fn value<'r, T: Decode<'r, Sqlite> + Type<Sqlite>>(row: &'r SqliteRow, column: &'static str) -> Result<T, StoreError> {
    row.try_get::<T, _>(column).map_err(database)
}

/// A column as a number of another size than the database has.
fn number<T: TryFrom<i64>>(row: &SqliteRow, column: &'static str) -> Result<T, StoreError> {
    T::try_from(value::<i64>(row, column)?).map_err(|_| StoreError::Row(column))
}

fn optional<T: TryFrom<i64>>(row: &SqliteRow, column: &'static str) -> Result<Option<T>, StoreError> {
    let found = value::<Option<i64>>(row, column)?;
    found.map(T::try_from).transpose().map_err(|_| StoreError::Row(column))
}

fn octets<const N: usize>(row: &SqliteRow, column: &'static str) -> Result<[u8; N], StoreError> {
    value::<Vec<u8>>(row, column)?.try_into().map_err(|_| StoreError::Row(column))
}

fn state(row: &SqliteRow) -> Result<State, StoreError> {
    State::of(&value::<String>(row, "state")?).ok_or(StoreError::Row("state"))
}

fn currency(number: u16, column: &'static str) -> Result<Currency, StoreError> {
    Currency::new(number).ok_or(StoreError::Row(column))
}

pub(super) fn account(row: &SqliteRow) -> Result<Account, StoreError> {
    Ok(Account {
        id: value(row, "id")?,
        currency: currency(number(row, "currency")?, "currency")?,
        balance: Amount::new(number(row, "balance")?),
        state: state(row)?,
    })
}

pub(super) fn movement(row: &SqliteRow) -> Result<Movement, StoreError> {
    Ok(Movement {
        minor: value(row, "amount")?,
        authorisation: value(row, "authorisation")?,
        made_at: number(row, "made_at")?,
    })
}

pub(super) fn key_set(row: &SqliteRow) -> Result<KeySet, StoreError> {
    Ok(KeySet {
        id: value(row, "id")?,
        rid: Rid::new(octets(row, "rid")?),
        bin: value(row, "bin")?,
        sealed: sealed(row)?,
    })
}

pub(super) fn sealed(row: &SqliteRow) -> Result<Vec<u8>, StoreError> {
    value(row, "sealed")
}

pub(super) fn keys_of(card: &SqliteRow) -> Result<i64, StoreError> {
    value(card, "keys")
}

pub(super) fn card(row: &SqliteRow) -> Result<Card, StoreError> {
    let cash = match (optional(row, "cash_currency")?, optional(row, "cash_limit")?) {
        (Some(number), Some(limit)) => {
            Some(Cash { currency: currency(number, "cash_currency")?, limit: Amount::new(limit) })
        }
        _ => None,
    };
    Ok(Card {
        id: value(row, "id")?,
        pan: value(row, "pan_masked")?,
        psn: number(row, "psn")?,
        expiry: number(row, "expiry")?,
        account: value(row, "account")?,
        rid: Rid::new(octets(row, "rid")?),
        state: state(row)?,
        script_mac: number(row, "script_mac")?,
        cash,
        approved_atc: optional(row, "approved_atc")?,
        scripts_sent: number(row, "scripts_sent")?,
        bad_cryptograms: number(row, "bad_cryptograms")?,
    })
}

pub(super) fn waiting(row: &SqliteRow) -> Result<Waiting, StoreError> {
    let kind = Pending::of(&value::<String>(row, "kind")?).ok_or(StoreError::Row("kind"))?;
    Ok(Waiting { kind, sent: value::<i64>(row, "sent")? != 0 })
}

pub(super) fn recorded(row: &SqliteRow) -> Result<Recorded, StoreError> {
    Ok(Recorded { digest: octets(row, "digest")?, reason: value(row, "reason")?, answer: value(row, "answer")? })
}
