-- Version 1 of the file.
--
-- A job is one row from its enqueue to its end, and where it is, is two columns of that row: there is
-- nothing that a record could be in twice, and no index of ids that could disagree with the records.
-- Every statement that changes `state` keeps `queue`'s counters in the same transaction.

CREATE TABLE queue (
    id              INTEGER PRIMARY KEY,
    name            TEXT    NOT NULL UNIQUE,
    paused          INTEGER NOT NULL DEFAULT 0,
    -- How many jobs are in each state now.
    pending         INTEGER NOT NULL DEFAULT 0,
    scheduled       INTEGER NOT NULL DEFAULT 0,
    active          INTEGER NOT NULL DEFAULT 0,
    dead            INTEGER NOT NULL DEFAULT 0,
    -- What happened since the queue exists.
    total_done      INTEGER NOT NULL DEFAULT 0,
    total_dead      INTEGER NOT NULL DEFAULT 0,
    total_retried   INTEGER NOT NULL DEFAULT 0,
    total_recovered INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE job (
    seq      INTEGER PRIMARY KEY,
    queue    INTEGER NOT NULL,
    -- 0 pending, 1 scheduled, 2 active, 3 dead.
    state    INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
    -- pending: its place in the line, the lowest first; scheduled: when it is due, Unix milliseconds;
    -- active: its token; dead: when it died, Unix milliseconds.
    place    INTEGER NOT NULL,
    -- active: who runs it.
    worker   TEXT    CHECK ((worker IS NOT NULL) = (state = 2)),
    -- The record, as it came.
    envelope BLOB    NOT NULL
) STRICT;

-- The line of each state: for one queue in the order of `place`, active jobs by worker.
CREATE INDEX job_line ON job (queue, state, worker, place);

-- Unique keys, and the id of the job that holds each.
CREATE TABLE unique_key (
    queue  INTEGER NOT NULL,
    key    TEXT    NOT NULL,
    holder TEXT    NOT NULL,
    PRIMARY KEY (queue, key)
) STRICT, WITHOUT ROWID;

-- Ids that producers gave, so that an enqueue sent again adds nothing; `until` is Unix milliseconds.
CREATE TABLE remembered (
    queue INTEGER NOT NULL,
    id    TEXT    NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (queue, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX remembered_until ON remembered (until);

-- For people who look into the file.
CREATE VIEW jobs AS
SELECT queue.name AS queue,
       CASE job.state
           WHEN 0 THEN 'pending' WHEN 1 THEN 'scheduled' WHEN 2 THEN 'active' ELSE 'dead'
       END AS state,
       CASE WHEN job.state IN (1, 3) THEN datetime(job.place / 1000, 'unixepoch') END AS time,
       job.worker AS worker,
       CAST(job.envelope AS TEXT) AS envelope
FROM job JOIN queue ON queue.id = job.queue
ORDER BY queue.name, job.state, job.place, job.seq;

-- For producers in other processes: INSERT INTO enqueue(envelope) VALUES ('{"type":"..."}').
-- `queue` defaults to default; with `run_at` (Unix milliseconds) the job waits until then. What the
-- envelope holds is looked at when it is claimed: what is no job ends dead with the reason.
CREATE VIEW enqueue (envelope, queue, run_at) AS SELECT NULL, NULL, NULL WHERE 0;

CREATE TRIGGER enqueue_job INSTEAD OF INSERT ON enqueue
BEGIN
    SELECT CASE
        WHEN NEW.envelope IS NULL THEN RAISE(ABORT, 'enqueue: the envelope is missing')
        -- Text ends for GLOB and length at its first NUL, bytes do not.
        WHEN length(wanted) NOT BETWEEN 1 AND 64 OR length(wanted) <> length(CAST(wanted AS BLOB))
            OR wanted GLOB '*[^a-z0-9_.-]*' OR wanted NOT GLOB '[a-z0-9]*'
            THEN RAISE(ABORT, 'enqueue: queue must be [a-z0-9][a-z0-9_.-]{0,63}')
    END
    FROM (SELECT CAST(ifnull(NEW.queue, 'default') AS TEXT) AS wanted);

    INSERT INTO queue (name)
    SELECT wanted FROM (SELECT CAST(ifnull(NEW.queue, 'default') AS TEXT) AS wanted)
    WHERE NOT EXISTS (SELECT 1 FROM queue WHERE name = wanted);

    INSERT INTO job (queue, state, place, envelope)
    SELECT line.id,
           NEW.run_at IS NOT NULL,
           CASE
               WHEN NEW.run_at IS NOT NULL THEN CAST(NEW.run_at AS INTEGER)
               ELSE (SELECT ifnull(max(job.place), 0) + 1 FROM job
                     WHERE job.queue = line.id AND job.state = 0 AND job.worker IS NULL)
           END,
           CAST(NEW.envelope AS BLOB)
    FROM queue AS line WHERE line.name = CAST(ifnull(NEW.queue, 'default') AS TEXT);

    UPDATE queue
    SET pending = pending + (NEW.run_at IS NULL), scheduled = scheduled + (NEW.run_at IS NOT NULL)
    WHERE name = CAST(ifnull(NEW.queue, 'default') AS TEXT);
END;
