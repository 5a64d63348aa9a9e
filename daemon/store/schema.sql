-- The database of parkd, schema 1. The journal is the truth; all that follows from it can be
-- computed again. Times are milliseconds since 1970-01-01T00:00:00Z.

-- One row about the file itself.
CREATE TABLE meta(
    one INTEGER PRIMARY KEY CHECK(one = 1),
    genesis TEXT NOT NULL,      -- random; its hash is where the chain begins
    lineage TEXT NOT NULL,      -- of this copy; another one after a backup was restored
    anchor_seq INTEGER NOT NULL,-- the newest record that was pruned, 0 none
    anchor_hash BLOB NOT NULL,  -- the chain goes on from here
    projected INTEGER NOT NULL, -- the projections hold the journal up to this record
    clean INTEGER NOT NULL,     -- closed in order
    copied INTEGER NOT NULL     -- a backup: opened for writing it begins a new lineage
) STRICT;

-- hash(n) = SHA-256(hash(n-1) || seq || at_ms || kind || 0 || body)
CREATE TABLE journal(
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    hash BLOB NOT NULL
) STRICT;

-- Pruned records that something still stands on: a projection, or a record that was set aside.
CREATE TABLE held(
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    hash BLOB NOT NULL,
    before BLOB NOT NULL        -- hash of the record before it, which is gone
) STRICT;

CREATE VIEW facts AS
    SELECT seq, at_ms, kind, body, hash FROM held
    UNION ALL
    SELECT seq, at_ms, kind, body, hash FROM journal;

-- Projections: the latest of each thing (daemon/store/projections.c).
CREATE TABLE bay(
    bay TEXT PRIMARY KEY,
    lot TEXT NOT NULL,
    zone TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE bay_condition(
    bay TEXT NOT NULL,
    condition TEXT NOT NULL,
    active INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY(bay, condition)
) STRICT, WITHOUT ROWID;

CREATE TABLE device(
    device TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What each uplink has delivered: due is every record of its kinds from `since` on.
CREATE TABLE uplink(
    name TEXT PRIMARY KEY,
    kinds TEXT NOT NULL,        -- "bay_changed,loss"
    since INTEGER NOT NULL,
    through INTEGER NOT NULL,   -- delivered up to here, but for the rows of outbox
    delivered INTEGER NOT NULL, -- as the uplink counted
    base_seq INTEGER NOT NULL,  -- what was due up to here has been counted,
    base_due INTEGER NOT NULL   -- so many, before it was pruned or the account began anew
) STRICT, WITHOUT ROWID;

-- The exceptions: a record that is delivered in order never has a row.
CREATE TABLE outbox(
    uplink TEXT NOT NULL REFERENCES uplink(name),
    seq INTEGER NOT NULL,
    state TEXT NOT NULL CHECK(state IN ('retry', 'dead', 'dropped')),
    attempts INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY(uplink, seq)
) STRICT, WITHOUT ROWID;

CREATE VIEW wanted AS
    SELECT seq FROM bay
    UNION ALL SELECT seq FROM bay_condition
    UNION ALL SELECT seq FROM device
    UNION ALL SELECT seq FROM outbox WHERE state <> 'dropped';
