//! The store in one SQLite file.
//!
//! Each writing transaction takes the write lock at its start (`BEGIN IMMEDIATE`), so that nothing that it read can change
//! before it writes. What was committed is on the disk before the answer goes out (`synchronous = FULL`).

mod row;

use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationSource, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, Transaction};
use tapcard_emv::{Amount, Currency, Rid};

use super::{Store, StoreError};
use crate::error::IssuerError;
use crate::model::{
    Account, AccountId, Card, CardId, Change, KeySet, Lookup, Movement, NewCard, Pending, Posting, Situation, State,
    Waiting,
};

/// How long a transaction waits for the one before it.
const BUSY: Duration = Duration::from_secs(30);
const CONNECTIONS: u32 = 4;

/// What makes a database of this version, in order; entries are never changed once they are released.
const MIGRATIONS: [(i64, &str, &str); 1] = [(1, "issuer", include_str!("../../migrations/0001_issuer.sql"))];

/// The store in one SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    pool: SqlitePool,
}

pub(super) fn database(error: sqlx::Error) -> StoreError {
    StoreError::Database(Box::new(error))
}

#[derive(Debug)]
struct Embedded;

type Resolved = Result<Vec<Migration>, Box<dyn std::error::Error + Send + Sync>>;

impl MigrationSource<'static> for Embedded {
    fn resolve(self) -> Pin<Box<dyn Future<Output = Resolved> + Send + 'static>> {
        let migration = |(version, name, sql): (i64, &'static str, &'static str)| {
            Migration::new(version, name.into(), MigrationType::Simple, sql.into(), false)
        };
        Box::pin(std::future::ready(Ok(MIGRATIONS.into_iter().map(migration).collect())))
    }
}

impl SqliteStore {
    /// Makes a new database.
    ///
    /// # Errors
    /// The file is there already, or cannot be made.
    pub async fn create(path: &Path) -> Result<Self, StoreError> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(path) {
            Ok(_) => Self::connect(path).await,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(StoreError::Exists(path.display().to_string()))
            }
            Err(error) => Err(StoreError::Database(Box::new(error))),
        }
    }

    /// Opens a database and brings it to this version.
    ///
    /// # Errors
    /// There is none, or it cannot be used.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::Missing(path.display().to_string()));
        }
        Self::connect(path).await
    }

    async fn connect(path: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY);
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).connect_with(options).await;
        let pool = pool.map_err(database)?;
        let migrator = Migrator::new(Embedded).await.map_err(|error| StoreError::Database(Box::new(error)))?;
        migrator.run(&pool).await.map_err(|error| StoreError::Database(Box::new(error)))?;
        Ok(Self { pool })
    }

    /// Ends all connections; what is left of the write-ahead log goes into the file.
    pub async fn close(self) {
        self.pool.close().await;
    }

    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(database)
    }
}

fn minor(amount: Amount) -> Result<i64, StoreError> {
    i64::try_from(amount.minor()).map_err(|_| StoreError::Amount)
}

fn seconds(time: u64) -> Result<i64, StoreError> {
    i64::try_from(time).map_err(|_| StoreError::Row("made_at"))
}

impl Store for SqliteStore {
    async fn add_account(&self, currency: Currency, deposit: Amount, made_at: u64) -> Result<AccountId, StoreError> {
        let (balance, made_at) = (minor(deposit)?, seconds(made_at)?);
        let mut transaction = self.begin().await?;
        let sql = "INSERT INTO accounts (currency, balance, state) VALUES (?, 0, 'active')";
        let account = sqlx::query(sql).bind(currency.number()).execute(&mut *transaction).await;
        let account = account.map_err(database)?.last_insert_rowid();
        move_money(&mut transaction, account, balance, None, made_at).await?;
        transaction.commit().await.map_err(database)?;
        Ok(account)
    }

    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let rows = sqlx::query("SELECT * FROM accounts ORDER BY id").fetch_all(&self.pool).await.map_err(database)?;
        rows.iter().map(row::account).collect()
    }

    async fn movements(&self, account: AccountId) -> Result<Vec<Movement>, StoreError> {
        let sql = "SELECT amount, authorisation, made_at FROM movements WHERE account = ? ORDER BY id";
        let rows = sqlx::query(sql).bind(account).fetch_all(&self.pool).await.map_err(database)?;
        rows.iter().map(row::movement).collect()
    }

    async fn add_keys(&self, rid: Rid, bin: &str, sealed: &[u8]) -> Result<bool, StoreError> {
        let sql = "INSERT INTO issuer_keys (rid, bin, sealed) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
        let query = sqlx::query(sql).bind(rid.as_bytes().as_slice()).bind(bin).bind(sealed);
        Ok(query.execute(&self.pool).await.map_err(database)?.rows_affected() == 1)
    }

    async fn key_sets(&self) -> Result<Vec<KeySet>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM issuer_keys ORDER BY id").fetch_all(&self.pool).await.map_err(database)?;
        rows.iter().map(row::key_set).collect()
    }

    async fn add_card(&self, new: &NewCard) -> Result<Option<CardId>, StoreError> {
        let card = &new.card;
        let limit = card.cash.map(|cash| minor(cash.limit)).transpose()?;
        let script_mac = u8::try_from(card.script_mac).map_err(|_| StoreError::Row("script_mac"))?;
        let sql = "INSERT INTO cards (pan_index, pan_masked, pan_sealed, psn, expiry, account, keys, rid, state, script_mac, \
            cash_currency, cash_limit) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
        let query = sqlx::query(sql)
            .bind(new.pan_index.as_slice())
            .bind(&card.pan)
            .bind(&new.pan_sealed)
            .bind(card.psn)
            .bind(card.expiry)
            .bind(card.account)
            .bind(new.keys)
            .bind(card.rid.as_bytes().as_slice())
            .bind(card.state.as_str())
            .bind(script_mac)
            .bind(card.cash.map(|cash| cash.currency.number()))
            .bind(limit);
        let done = query.execute(&self.pool).await.map_err(database)?;
        Ok((done.rows_affected() == 1).then(|| done.last_insert_rowid()))
    }

    async fn cards(&self) -> Result<Vec<Card>, StoreError> {
        let rows = sqlx::query("SELECT * FROM cards ORDER BY id").fetch_all(&self.pool).await.map_err(database)?;
        rows.iter().map(row::card).collect()
    }

    async fn waiting(&self, card: CardId) -> Result<Vec<Waiting>, StoreError> {
        let sql = "SELECT kind, sent FROM pending_scripts WHERE card = ? ORDER BY id";
        let rows = sqlx::query(sql).bind(card).fetch_all(&self.pool).await.map_err(database)?;
        rows.iter().map(row::waiting).collect()
    }

    async fn set_card_state(&self, card: CardId, state: State) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let sql = "UPDATE cards SET state = ? WHERE id = ?";
        let done = sqlx::query(sql).bind(state.as_str()).bind(card).execute(&mut *transaction).await;
        if done.map_err(database)?.rows_affected() == 0 {
            return Ok(false);
        }
        let unblock = Pending::ApplicationUnblock;
        match state {
            State::Active => put_script(&mut transaction, card, unblock).await?,
            State::Blocked => drop_script(&mut transaction, card, unblock).await?,
        }
        transaction.commit().await.map_err(database)?;
        Ok(true)
    }

    async fn add_script(&self, card: CardId, script: Pending) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let known = sqlx::query("SELECT 1 FROM cards WHERE id = ?").bind(card).fetch_optional(&mut *transaction).await;
        if known.map_err(database)?.is_none() {
            return Ok(false);
        }
        put_script(&mut transaction, card, script).await?;
        transaction.commit().await.map_err(database)?;
        Ok(true)
    }

    async fn settle<T, D>(&self, lookup: &Lookup, decide: D) -> Result<T, IssuerError>
    where
        T: Send,
        D: FnOnce(Option<&Situation>) -> Result<(Change, T), IssuerError> + Send,
    {
        let mut transaction = self.begin().await?;
        let situation = situation(&mut transaction, lookup).await?;
        let (change, answer) = decide(situation.as_ref())?;
        if let Some(situation) = &situation {
            match change {
                Change::Nothing => {}
                Change::CountBadCryptogram => count_bad(&mut transaction, situation.card.id).await?,
                Change::Post(posting) => post(&mut transaction, situation, lookup, &posting).await?,
            }
        }
        transaction.commit().await.map_err(database)?;
        Ok(answer)
    }
}

async fn situation(
    transaction: &mut Transaction<'_, Sqlite>,
    lookup: &Lookup,
) -> Result<Option<Situation>, StoreError> {
    let sql = "SELECT * FROM cards WHERE pan_index = ? AND psn = ?";
    let query = sqlx::query(sql).bind(lookup.pan_index.as_slice()).bind(lookup.psn);
    let Some(found) = query.fetch_optional(&mut **transaction).await.map_err(database)? else { return Ok(None) };
    let card = row::card(&found)?;
    let sql = "SELECT * FROM accounts WHERE id = ?";
    let account = sqlx::query(sql).bind(card.account).fetch_one(&mut **transaction).await.map_err(database)?;
    let sql = "SELECT sealed FROM issuer_keys WHERE id = ?";
    let keys = sqlx::query(sql).bind(row::keys_of(&found)?).fetch_one(&mut **transaction).await.map_err(database)?;
    let sql = "SELECT digest, reason, answer FROM authorisations WHERE card = ? AND atc = ? AND cryptogram = ?";
    let query = sqlx::query(sql).bind(card.id).bind(lookup.atc).bind(lookup.cryptogram.as_slice());
    let recorded = query.fetch_optional(&mut **transaction).await.map_err(database)?;
    let sql = "SELECT kind, sent FROM pending_scripts WHERE card = ? ORDER BY id";
    let waiting = sqlx::query(sql).bind(card.id).fetch_all(&mut **transaction).await.map_err(database)?;
    Ok(Some(Situation {
        card,
        keys: row::sealed(&keys)?,
        account: row::account(&account)?,
        recorded: recorded.as_ref().map(row::recorded).transpose()?,
        waiting: waiting.iter().map(row::waiting).collect::<Result<_, _>>()?,
    }))
}

async fn post(
    transaction: &mut Transaction<'_, Sqlite>,
    situation: &Situation,
    lookup: &Lookup,
    posting: &Posting,
) -> Result<(), StoreError> {
    let (card, made_at) = (situation.card.id, seconds(posting.made_at)?);
    let sql = "INSERT INTO authorisations (card, atc, cryptogram, digest, reason, amount, currency, type, answer, made_at) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let query = sqlx::query(sql)
        .bind(card)
        .bind(lookup.atc)
        .bind(lookup.cryptogram.as_slice())
        .bind(posting.recorded.digest.as_slice())
        .bind(&posting.recorded.reason)
        .bind(minor(posting.amount)?)
        .bind(posting.currency)
        .bind(posting.transaction_type)
        .bind(&posting.recorded.answer)
        .bind(made_at);
    let authorisation = query.execute(&mut **transaction).await.map_err(database)?.last_insert_rowid();
    move_money(transaction, situation.account.id, posting.movement, Some(authorisation), made_at).await?;
    if posting.approved {
        let sql = "UPDATE cards SET approved_atc = ? WHERE id = ?";
        let query = sqlx::query(sql).bind(lookup.atc).bind(card);
        query.execute(&mut **transaction).await.map_err(database)?;
    }
    for script in &posting.confirmed {
        drop_script(transaction, card, *script).await?;
    }
    if let Some(sent) = posting.scripts_sent {
        let sql = "UPDATE pending_scripts SET sent = 1 WHERE card = ?";
        sqlx::query(sql).bind(card).execute(&mut **transaction).await.map_err(database)?;
        let sql = "UPDATE cards SET scripts_sent = ? WHERE id = ?";
        sqlx::query(sql).bind(sent).bind(card).execute(&mut **transaction).await.map_err(database)?;
    }
    Ok(())
}

async fn count_bad(transaction: &mut Transaction<'_, Sqlite>, card: CardId) -> Result<(), StoreError> {
    let sql = "UPDATE cards SET bad_cryptograms = bad_cryptograms + 1 WHERE id = ?";
    sqlx::query(sql).bind(card).execute(&mut **transaction).await.map_err(database)?;
    Ok(())
}

/// Balance and movement in one; the only place that changes a balance.
async fn move_money(
    transaction: &mut Transaction<'_, Sqlite>,
    account: AccountId,
    minor: i64,
    authorisation: Option<i64>,
    made_at: i64,
) -> Result<(), StoreError> {
    if minor == 0 {
        return Ok(());
    }
    let sql = "INSERT INTO movements (account, amount, authorisation, made_at) VALUES (?, ?, ?, ?)";
    let query = sqlx::query(sql).bind(account).bind(minor).bind(authorisation).bind(made_at);
    query.execute(&mut **transaction).await.map_err(database)?;
    let sql = "UPDATE accounts SET balance = balance + ? WHERE id = ?";
    sqlx::query(sql).bind(minor).bind(account).execute(&mut **transaction).await.map_err(database)?;
    Ok(())
}

/// A script that is asked for again has not gone out yet.
async fn put_script(
    transaction: &mut Transaction<'_, Sqlite>,
    card: CardId,
    script: Pending,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO pending_scripts (card, kind) VALUES (?, ?) ON CONFLICT (card, kind) DO UPDATE SET sent = 0";
    let query = sqlx::query(sql).bind(card).bind(script.as_str());
    query.execute(&mut **transaction).await.map_err(database)?;
    Ok(())
}

async fn drop_script(
    transaction: &mut Transaction<'_, Sqlite>,
    card: CardId,
    script: Pending,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM pending_scripts WHERE card = ? AND kind = ?";
    let query = sqlx::query(sql).bind(card).bind(script.as_str());
    query.execute(&mut **transaction).await.map_err(database)?;
    Ok(())
}
