-- Money is whole minor units; times are seconds since 1970 UTC. No account number stands here in the clear.
CREATE TABLE accounts (
    id       INTEGER PRIMARY KEY,
    currency INTEGER NOT NULL CHECK (currency BETWEEN 1 AND 999),
    balance  INTEGER NOT NULL CHECK (balance >= 0),
    state    TEXT    NOT NULL CHECK (state IN ('active', 'blocked'))
) STRICT;

CREATE TABLE issuer_keys (
    id     INTEGER PRIMARY KEY,
    rid    BLOB NOT NULL CHECK (length(rid) = 5),
    bin    TEXT NOT NULL,
    sealed BLOB NOT NULL,
    UNIQUE (rid, bin)
) STRICT;

CREATE TABLE cards (
    id              INTEGER PRIMARY KEY,
    pan_index       BLOB    NOT NULL CHECK (length(pan_index) = 32),
    pan_masked      TEXT    NOT NULL,
    pan_sealed      BLOB    NOT NULL,
    psn             INTEGER NOT NULL CHECK (psn BETWEEN 0 AND 99),
    expiry          INTEGER NOT NULL,
    account         INTEGER NOT NULL REFERENCES accounts (id),
    keys            INTEGER NOT NULL REFERENCES issuer_keys (id),
    rid             BLOB    NOT NULL CHECK (length(rid) = 5),
    state           TEXT    NOT NULL CHECK (state IN ('active', 'blocked')),
    script_mac      INTEGER NOT NULL CHECK (script_mac BETWEEN 4 AND 8),
    cash_currency   INTEGER,
    cash_limit      INTEGER,
    approved_atc    INTEGER,
    scripts_sent    INTEGER NOT NULL DEFAULT 0,
    bad_cryptograms INTEGER NOT NULL DEFAULT 0,
    UNIQUE (pan_index, psn)
) STRICT;

CREATE TABLE authorisations (
    id         INTEGER PRIMARY KEY,
    card       INTEGER NOT NULL REFERENCES cards (id),
    atc        INTEGER NOT NULL CHECK (atc BETWEEN 0 AND 65535),
    cryptogram BLOB    NOT NULL CHECK (length(cryptogram) = 8),
    digest     BLOB    NOT NULL CHECK (length(digest) = 32),
    reason     TEXT    NOT NULL,
    amount     INTEGER NOT NULL CHECK (amount >= 0),
    currency   INTEGER NOT NULL,
    type       INTEGER NOT NULL,
    answer     BLOB    NOT NULL,
    made_at    INTEGER NOT NULL,
    UNIQUE (card, atc, cryptogram)
) STRICT;

CREATE TABLE movements (
    id            INTEGER PRIMARY KEY,
    account       INTEGER NOT NULL REFERENCES accounts (id),
    amount        INTEGER NOT NULL,
    authorisation INTEGER REFERENCES authorisations (id),
    made_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX movements_of_account ON movements (account);

CREATE TABLE pending_scripts (
    id   INTEGER PRIMARY KEY,
    card INTEGER NOT NULL REFERENCES cards (id),
    kind TEXT    NOT NULL CHECK (kind IN ('application-unblock', 'pin-unblock')),
    sent INTEGER NOT NULL DEFAULT 0,
    UNIQUE (card, kind)
) STRICT;
