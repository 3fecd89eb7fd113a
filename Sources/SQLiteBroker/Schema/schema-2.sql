-- Version 2: what came of jobs is kept for a while, where they ask for it.

-- `record` tells how the job ended; `until` is Unix milliseconds.
CREATE TABLE receipt (
    queue  INTEGER NOT NULL,
    id     TEXT    NOT NULL,
    until  INTEGER NOT NULL,
    record BLOB    NOT NULL,
    PRIMARY KEY (queue, id)
) STRICT;

CREATE INDEX receipt_until ON receipt (until);
