SELECT pid, now() - query_start AS since, state, wait_event_type, left(query, 120) AS query
FROM pg_stat_activity
WHERE state <> 'idle' AND query_start < now() - interval '1 second' AND pid <> pg_backend_pid()
ORDER BY query_start
LIMIT 20
