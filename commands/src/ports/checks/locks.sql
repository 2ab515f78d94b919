SELECT pid, pg_blocking_pids(pid) AS blocked_by, now() - query_start AS since, left(query, 120) AS query
FROM pg_stat_activity
WHERE cardinality(pg_blocking_pids(pid)) > 0
ORDER BY query_start
LIMIT 20
