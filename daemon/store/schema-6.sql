-- Schema 6: every closed report is held, and so its number, not only the newest of a day: a report is
-- proved by the one before it.

DELETE FROM latest WHERE kind = 'report';
INSERT INTO latest SELECT 'report', body->>'number', max(seq) FROM facts
    WHERE kind = 'report' AND kind <> 'bay_changed' AND seq <= (SELECT projected FROM meta)
    GROUP BY 2;
