-- Schema 6: every closed report is held, and so its number, not only the newest of a day: a report is
-- proved by the one before it. Uploads are counted by the time that they took.

DELETE FROM latest WHERE kind = 'report';
INSERT INTO latest SELECT 'report', body->>'number', max(seq) FROM facts
    WHERE kind = 'report' AND kind <> 'bay_changed' AND seq <= (SELECT projected FROM meta)
    GROUP BY 2;

-- What platforms accepted, by lot and by the quarter of an hour in which it happened: how many
-- records, and of these how many within the time that counts as timely (daemon/store/delivery.c).
CREATE TABLE upload(
    uplink TEXT NOT NULL,
    lot TEXT NOT NULL,          -- empty: of no lot
    quarter INTEGER NOT NULL,   -- milliseconds at which it began
    accepted INTEGER NOT NULL,
    timely INTEGER NOT NULL,
    sum INTEGER NOT NULL DEFAULT 0, -- as schema 5 says of others
    PRIMARY KEY(uplink, lot, quarter)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER upload_entered AFTER INSERT ON upload BEGIN
    UPDATE upload SET sum = row_sum(uplink, lot, quarter, accepted, timely)
        WHERE uplink = NEW.uplink AND lot = NEW.lot AND quarter = NEW.quarter;
END;
CREATE TRIGGER upload_changed AFTER UPDATE OF uplink, lot, quarter, accepted, timely
    ON upload BEGIN
    UPDATE upload SET sum = row_sum(uplink, lot, quarter, accepted, timely)
        WHERE uplink = NEW.uplink AND lot = NEW.lot AND quarter = NEW.quarter;
END;
