-- Version 3: jobs whose handler runs as many as it may wait aside, under their type. They are pending, and
-- a claim from the line of pending jobs does not meet them.

-- pending: the type that the job waits aside under; NULL: it stands in the line of pending jobs.
ALTER TABLE job ADD COLUMN aside TEXT CHECK (aside IS NULL OR state = 0);

-- The line of each state: for one queue in the order of `place`, active jobs by worker, those that wait aside
-- by type.
DROP INDEX job_line;
CREATE INDEX job_line ON job (queue, state, worker, aside, place);

-- As it was, but for the place: it is behind the last of the line.
DROP TRIGGER enqueue_job;
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
                     WHERE job.queue = line.id AND job.state = 0 AND job.worker IS NULL
                         AND job.aside IS NULL)
           END,
           CAST(NEW.envelope AS BLOB)
    FROM queue AS line WHERE line.name = CAST(ifnull(NEW.queue, 'default') AS TEXT);

    UPDATE queue
    SET pending = pending + (NEW.run_at IS NULL), scheduled = scheduled + (NEW.run_at IS NOT NULL)
    WHERE name = CAST(ifnull(NEW.queue, 'default') AS TEXT);
END;
