-- What went wrong, from first sight to end. Portable as in 0001: BIGINT and TEXT only, '' and 0 are "none".

INSERT INTO counters (name, value) VALUES ('incident', 0);

-- name is cluster/namespace/owner/problem; the other columns repeat parts of the body for searching.
CREATE TABLE incidents (
    id        BIGINT NOT NULL PRIMARY KEY,
    version   BIGINT NOT NULL,
    name      TEXT   NOT NULL,
    cluster   TEXT   NOT NULL,
    namespace TEXT   NOT NULL,
    owner     TEXT   NOT NULL,
    open      BIGINT NOT NULL,
    closed    BIGINT NOT NULL,
    body      TEXT   NOT NULL
);
-- One trouble is one incident, whoever looks.
CREATE UNIQUE INDEX one_open_incident_per_name ON incidents (name) WHERE open = 1;
CREATE INDEX incidents_by_place ON incidents (cluster, open, closed);

-- Revisions that were seen to work for a while: where a way back leads. Marks are names of ReplicaSets, or hashes of
-- ControllerRevisions.
CREATE TABLE worked (
    workload TEXT   NOT NULL,
    mark     TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (workload, mark)
);
