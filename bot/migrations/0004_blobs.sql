-- Files of reports, by what is in them. Portable as in 0001: BIGINT and TEXT only; the bytes are base64.

CREATE TABLE blobs (
    hash  TEXT   NOT NULL PRIMARY KEY,
    size  BIGINT NOT NULL,
    bytes TEXT   NOT NULL
);

-- What names a file: `ticket:13`, `message:ticket:13`. A file that nothing names any more is deleted.
CREATE TABLE blob_names (
    holder TEXT NOT NULL,
    hash   TEXT NOT NULL REFERENCES blobs (hash),
    PRIMARY KEY (holder, hash)
);
CREATE INDEX blob_names_by_hash ON blob_names (hash);
