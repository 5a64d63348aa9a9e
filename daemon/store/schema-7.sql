-- Schema 7: how a bay was that stood still is found without what lies between.

-- The changes of bays that had stood still for more than 65,536 records, or were first heard then.
-- How a bay was at a record that none of its own follows within so many, the first of these behind
-- it says. None of the 65,536 behind what was pruned: which bays stood still over those, the
-- journal does not say any more.
CREATE TABLE bay_stood(seq INTEGER PRIMARY KEY) STRICT;
CREATE TRIGGER bay_first AFTER INSERT ON bay WHEN NEW.seq > 65536 BEGIN
    INSERT INTO bay_stood VALUES(NEW.seq);
END;
CREATE TRIGGER bay_again AFTER UPDATE OF seq ON bay WHEN NEW.seq - OLD.seq > 65536 BEGIN
    INSERT INTO bay_stood VALUES(NEW.seq);
END;

-- Bays once more, and by the way what stood still (daemon/store/projections.c).
DELETE FROM bay;
INSERT INTO bay(bay, lot, zone, state, reason, since_ms, seq)
    SELECT body->>'bay', body->>'lot', body->>'zone', body->>'to', body->>'reason', at_ms, seq
    FROM grounds WHERE kind = 'bay_changed' AND seq <= (SELECT projected FROM meta) ORDER BY seq
    ON CONFLICT DO UPDATE SET lot = excluded.lot, zone = excluded.zone, state = excluded.state,
    reason = excluded.reason, since_ms = excluded.since_ms, seq = excluded.seq;
DELETE FROM bay_stood WHERE seq <= (SELECT anchor_seq FROM meta) + 65536;
