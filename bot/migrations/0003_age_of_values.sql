-- When a value was stored last: texts of buttons are forgotten when nobody can want them any more. 0: before this was noted.
ALTER TABLE kv ADD COLUMN at BIGINT NOT NULL DEFAULT 0;
