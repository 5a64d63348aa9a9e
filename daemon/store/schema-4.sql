-- Schema 4: sealed plates, and what is held by its class.

-- Each plate of a body, which holds the token in its place. Without the key of its epoch
-- (daemon/store/keys.h) nobody can read it, nor say which token a plate has.
CREATE TABLE plate(
    token TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL,     -- whose key opens it
    moved INTEGER NOT NULL,     -- it was wanted longer: the key that made its token is gone
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX plate_epoch ON plate(epoch);

-- What is held by its class goes by its age, and what stands is looked through at each step.
CREATE INDEX held_kind ON held(kind, at_ms);
CREATE INDEX held_stands ON held(seq) WHERE stands;
