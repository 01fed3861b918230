-- Views over a lake, for those who like SQL. Written for DuckDB with its delta extension:
--
--   LOAD delta;
--   SET VARIABLE lake = 'demo/lake';
--   .read notebooks/views.sql
--   SELECT * FROM quality_by_day;
--
-- Tables first, under their own names (docs/tables.md has every column), then questions people ask.

CREATE OR REPLACE VIEW events AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/events');
CREATE OR REPLACE VIEW quarantine AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/quarantine');
CREATE OR REPLACE VIEW interactions AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/interactions');
CREATE OR REPLACE VIEW behavior_signals AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/behavior_signals');
CREATE OR REPLACE VIEW quality_labels AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/quality_labels');
CREATE OR REPLACE VIEW vote_patterns AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/vote_patterns');
CREATE OR REPLACE VIEW label_models AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/label_models');
CREATE OR REPLACE VIEW label_sources AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/label_sources');
CREATE OR REPLACE VIEW eval_draws AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/eval_draws');
CREATE OR REPLACE VIEW eval_dataset_records AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/eval_dataset_records');
CREATE OR REPLACE VIEW eval_dataset_versions AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/eval_dataset_versions');
CREATE OR REPLACE VIEW embeddings AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/embeddings');
CREATE OR REPLACE VIEW failure_clusters AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/failure_clusters');
CREATE OR REPLACE VIEW failure_assignments AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/failure_assignments');
CREATE OR REPLACE VIEW issue_identities AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/issue_identities');
CREATE OR REPLACE VIEW failure_issues AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/failure_issues');
CREATE OR REPLACE VIEW issue_trends AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/issue_trends');
CREATE OR REPLACE VIEW quality_trends AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/quality_trends');
CREATE OR REPLACE VIEW failure_reports AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/failure_reports');
CREATE OR REPLACE VIEW run_manifest AS SELECT * FROM delta_scan(getvariable('lake') || '/tables/run_manifest');

-- How good were the responses of each day? good_share counts labels, mean_p_good averages
-- probabilities; the interval is that of good_share.
CREATE OR REPLACE VIEW quality_by_day AS
SELECT event_date, responses, good_share, ci_lower, ci_upper, mean_p_good,
       provisional > 0 AS is_provisional
FROM quality_trends
WHERE dimension = 'all'
ORDER BY event_date;

-- Which votes were cast, one row per response and source that could tell?
CREATE OR REPLACE VIEW votes AS
SELECT event_date, tenant_id, interaction_id, shown_at, p_good, label,
       unnest(map_keys(votes)) AS source, unnest(map_values(votes)) AS vote
FROM quality_labels;

-- How often do two sources agree where both voted good or bad?
CREATE OR REPLACE VIEW source_agreement AS
SELECT a.source AS source, b.source AS other, count(*) AS both_voted,
       avg(CAST(a.vote = b.vote AS INTEGER)) AS agreement
FROM votes a
JOIN votes b USING (event_date, tenant_id, interaction_id, shown_at)
WHERE a.source <> b.source AND a.vote IN ('good', 'bad') AND b.vote IN ('good', 'bad')
GROUP BY ALL
ORDER BY ALL;

-- The newest version of each eval set.
CREATE OR REPLACE VIEW current_eval_set AS
SELECT r.*
FROM eval_dataset_records r
JOIN (SELECT dataset_name, max(version) AS version FROM eval_dataset_versions GROUP BY ALL) v
  ON v.dataset_name = r.dataset_name
 AND r.added_in_version <= v.version
 AND (r.retired_in_version IS NULL OR r.retired_in_version > v.version);

-- What the sample says about all traffic: sums over records, each weighted by the responses it
-- stands for (Horvitz and Thompson). Unweighted means say something about the sample only.
CREATE OR REPLACE VIEW eval_set_estimates AS
SELECT dataset_name, event_date, count(*) AS records, sum(sampling_weight) AS stands_for,
       sum(sampling_weight * expectations.p_good) / sum(sampling_weight) AS mean_p_good,
       avg(expectations.p_good) AS unweighted_mean_p_good
FROM current_eval_set
GROUP BY ALL
ORDER BY ALL;

-- The issues that are open on the newest day, the one that costs most first. failure_reports has no
-- row for a day without open issues, so the day comes from elsewhere.
CREATE OR REPLACE VIEW open_issues AS
SELECT *
FROM failure_reports
WHERE event_date = (SELECT max(event_date) FROM quality_trends)
ORDER BY rank;

-- What each run of a stage took and wrote.
CREATE OR REPLACE VIEW stage_runs AS
SELECT run_id, command, interval_from, interval_to, started_at, status, exit_code,
       s.stage, s.duration_ms / 1000.0 AS seconds, s.counts
FROM (SELECT *, unnest(stages) AS s FROM run_manifest)
ORDER BY started_at;
