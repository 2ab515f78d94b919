-- Portable between SQLite and PostgreSQL: BIGINT and TEXT only. Hashes are hex, JSON is canonical text, times are
-- milliseconds since 1970, ids of the chat are text (they use all 64 bits), yes and no are 1 and 0, '' and 0 are "none".

-- Numbers given out once. On PostgreSQL this table is also the turnstile of the writers (see src/store/write.rs).
CREATE TABLE counters (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('ticket', 0);

CREATE TABLE tickets (
    id      BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    stage   TEXT   NOT NULL,
    outcome TEXT   NOT NULL,
    created BIGINT NOT NULL,
    body    TEXT   NOT NULL
);
CREATE INDEX tickets_by_stage ON tickets (stage, id);

CREATE TABLE ticket_targets (
    ticket  BIGINT NOT NULL REFERENCES tickets (id),
    target  TEXT   NOT NULL,
    running BIGINT NOT NULL,
    PRIMARY KEY (ticket, target)
);
CREATE INDEX ticket_targets_by_target ON ticket_targets (target, ticket);
-- One running change per target. Cards that wait may coexist.
CREATE UNIQUE INDEX one_running_change_per_target ON ticket_targets (target) WHERE running = 1;

-- One say per person and ticket.
CREATE TABLE votes (
    ticket  BIGINT NOT NULL REFERENCES tickets (id),
    person  TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    approve BIGINT NOT NULL,
    PRIMARY KEY (ticket, person)
);

CREATE TABLE steps (
    ticket   BIGINT NOT NULL REFERENCES tickets (id),
    name     TEXT   NOT NULL,
    place    BIGINT NOT NULL,
    finished BIGINT NOT NULL,
    body     TEXT   NOT NULL,
    PRIMARY KEY (ticket, name),
    UNIQUE (ticket, place)
);

-- Append-only. The text in entry is what counts and what is hashed; the last four columns repeat parts of it for searching.
CREATE TABLE audit (
    seq      BIGINT NOT NULL PRIMARY KEY,
    previous TEXT   NOT NULL UNIQUE,
    hash     TEXT   NOT NULL,
    entry    TEXT   NOT NULL,
    actor    TEXT   NOT NULL,
    target   TEXT   NOT NULL,
    outcome  TEXT   NOT NULL,
    ticket   BIGINT NOT NULL
);
CREATE INDEX audit_by_ticket ON audit (ticket, seq);
CREATE INDEX audit_by_actor ON audit (actor, seq);

-- Living messages: what each shall show (version), and what the chat is known to show (delivered).
CREATE TABLE outbox (
    name           TEXT   NOT NULL PRIMARY KEY,
    channel        TEXT   NOT NULL,
    report         TEXT   NOT NULL,
    version        BIGINT NOT NULL,
    priority       TEXT   NOT NULL,
    final          BIGINT NOT NULL,
    waiting_since  BIGINT NOT NULL,
    attempted      BIGINT NOT NULL,
    delivered      BIGINT NOT NULL,
    delivered_hash TEXT   NOT NULL,
    delivered_at   BIGINT NOT NULL,
    posted_channel TEXT   NOT NULL,
    message        TEXT   NOT NULL,
    posted_at      BIGINT NOT NULL
);

-- Events (interactions, webhooks) that were handled.
CREATE TABLE handled (
    event TEXT   NOT NULL PRIMARY KEY,
    at    BIGINT NOT NULL
);
CREATE INDEX handled_by_time ON handled (at);

CREATE TABLE kv (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
