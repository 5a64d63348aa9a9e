-- Schema 3: what reports ask for.

-- Everything but the changes of bays by the time it happened, also what was told of it late.
CREATE INDEX journal_at ON journal(at_ms) WHERE kind <> 'bay_changed';

-- Arrears: the exits that left them, and the money that came for them. An index may not read JSON
-- where the schema is not trusted; canonical bodies hold these texts nowhere else.
CREATE INDEX journal_owing ON journal(at_ms)
    WHERE kind = 'stay_closed' AND instr(body, '"outcome":"unpaid"');
CREATE INDEX journal_collected ON journal(at_ms)
    WHERE kind = 'payment' AND instr(body, '"when":"arrears"');

-- Who was there at a time: found without the rows themselves.
DROP INDEX stay_left;
CREATE INDEX stay_left ON stay(left_ms, entered_ms) WHERE left_ms IS NOT NULL;
