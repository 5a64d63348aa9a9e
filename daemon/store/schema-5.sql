-- Schema 5: what no chain covers is summed up, row by row: what the file says of itself, the state of
-- each delivery, and the sealed plates. A byte that changed by itself is noticed by the audit. The sum
-- is no seal: row_sum() (daemon/store/sql.c) knows no key.

ALTER TABLE meta ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER meta_entered AFTER INSERT ON meta BEGIN
    UPDATE meta SET sum = row_sum(one, genesis, lineage, anchor_seq, anchor_hash, projected, clean, copied)
        WHERE one = NEW.one;
END;
CREATE TRIGGER meta_changed AFTER UPDATE OF one, genesis, lineage, anchor_seq, anchor_hash, projected, clean, copied
    ON meta BEGIN
    UPDATE meta SET sum = row_sum(one, genesis, lineage, anchor_seq, anchor_hash, projected, clean, copied)
        WHERE one = NEW.one;
END;
UPDATE meta SET sum = row_sum(one, genesis, lineage, anchor_seq, anchor_hash, projected, clean, copied);

ALTER TABLE uplink ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER uplink_entered AFTER INSERT ON uplink BEGIN
    UPDATE uplink SET sum = row_sum(name, kinds, since, through, delivered, base_seq, base_due)
        WHERE name = NEW.name;
END;
CREATE TRIGGER uplink_changed AFTER UPDATE OF name, kinds, since, through, delivered, base_seq, base_due
    ON uplink BEGIN
    UPDATE uplink SET sum = row_sum(name, kinds, since, through, delivered, base_seq, base_due)
        WHERE name = NEW.name;
END;
UPDATE uplink SET sum = row_sum(name, kinds, since, through, delivered, base_seq, base_due);

ALTER TABLE outbox ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER outbox_entered AFTER INSERT ON outbox BEGIN
    UPDATE outbox SET sum = row_sum(uplink, seq, state, attempts, reason)
        WHERE uplink = NEW.uplink AND seq = NEW.seq;
END;
CREATE TRIGGER outbox_changed AFTER UPDATE OF uplink, seq, state, attempts, reason
    ON outbox BEGIN
    UPDATE outbox SET sum = row_sum(uplink, seq, state, attempts, reason)
        WHERE uplink = NEW.uplink AND seq = NEW.seq;
END;
UPDATE outbox SET sum = row_sum(uplink, seq, state, attempts, reason);

ALTER TABLE plate ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER plate_entered AFTER INSERT ON plate BEGIN
    UPDATE plate SET sum = row_sum(token, epoch, moved, sealed)
        WHERE token = NEW.token;
END;
CREATE TRIGGER plate_changed AFTER UPDATE OF token, epoch, moved, sealed
    ON plate BEGIN
    UPDATE plate SET sum = row_sum(token, epoch, moved, sealed)
        WHERE token = NEW.token;
END;
UPDATE plate SET sum = row_sum(token, epoch, moved, sealed);
