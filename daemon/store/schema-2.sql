-- Schema 2: lanes, stays and money.

-- Everything but the changes of bays, which are nearly all, is found by its kind. A query that says
-- `kind <> 'bay_changed'` may use it.
CREATE INDEX journal_kind ON journal(kind, seq) WHERE kind <> 'bay_changed';

-- False: kept for an uplink alone (it was set aside); what followed may be gone, so that no
-- projection may be computed from it.
ALTER TABLE held ADD COLUMN stands INTEGER NOT NULL DEFAULT 1;

-- What projections are computed from.
CREATE VIEW grounds AS
    SELECT seq, at_ms, kind, body, hash FROM held WHERE stands
    UNION ALL
    SELECT seq, at_ms, kind, body, hash FROM journal;

-- The newest record about a thing of which nothing but that counts: a plate on a list, an open
-- shift, a lane, a command without an outcome, a lot's occupancy, a clock step.
CREATE TABLE latest(
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY(kind, subject)
) STRICT, WITHOUT ROWID;

-- Stays, as the records about them say. A closed one that owes nothing goes with its records.
CREATE TABLE stay(
    stay TEXT PRIMARY KEY,
    lot TEXT NOT NULL,
    bay TEXT,                   -- the last that is known
    plate TEXT NOT NULL,        -- empty: none is known
    class TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,        -- "open", or the outcome
    entered_ms INTEGER NOT NULL,
    left_ms INTEGER,            -- NULL while it is open
    receivable_fen INTEGER NOT NULL,
    relief_fen INTEGER NOT NULL,
    payable_fen INTEGER NOT NULL,
    received_fen INTEGER NOT NULL,
    refunded_fen INTEGER NOT NULL,
    owes_fen INTEGER NOT NULL,  -- arrears
    first_seq INTEGER NOT NULL, -- of the record that opened it
    seq INTEGER NOT NULL,       -- of the newest about it
    stands INTEGER NOT NULL     -- it is open, or owes
) STRICT, WITHOUT ROWID;
CREATE INDEX stay_stands ON stay(stands, seq);
CREATE INDEX stay_left ON stay(left_ms) WHERE left_ms IS NOT NULL;

-- Each record about a stay, also the outcomes of the commands that were for it.
CREATE TABLE stay_fact(
    stay TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY(stay, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX stay_fact_seq ON stay_fact(seq);

-- What projections stand on, and with what was set aside all that is to be held.
CREATE VIEW stood AS
    SELECT seq FROM bay
    UNION ALL SELECT seq FROM bay_condition
    UNION ALL SELECT seq FROM device
    UNION ALL SELECT seq FROM latest
    UNION ALL SELECT seq FROM stay_fact
        WHERE EXISTS (SELECT 1 FROM stay WHERE stay.stay = stay_fact.stay);
DROP VIEW wanted;
CREATE VIEW wanted AS
    SELECT seq FROM stood
    UNION ALL SELECT seq FROM outbox WHERE state <> 'dropped';

-- Of a file of schema 1, whose only kind with a row there this is.
INSERT INTO latest SELECT kind, seq, seq FROM journal
    WHERE kind = 'clock_step' AND kind <> 'bay_changed' AND seq <= (SELECT projected FROM meta);
