SELECT state, count(*), max(now() - query_start) AS longest,
       (SELECT setting FROM pg_settings WHERE name = 'max_connections') AS most
FROM pg_stat_activity
GROUP BY state
ORDER BY 2 DESC
