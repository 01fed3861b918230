"""The signals of `label` and the share of good votes, written for DuckDB, timed whole.

    label_peer.py EVENTS OUT THREADS

EVENTS is the folder of the table `events`, written once; OUT gets responses.parquet,
signals.parquet and labels.parquet. Each line of the input makes them anew and answers with the
seconds it took.

Weaker than `label`: bytes in place of code points in the edit distance, copied text is looked for
as it is only, all code that ran is taken for the response's, responses too short for 4-grams have
none, long requests are compared whole, no habits, no fitted model.
"""

import sys
import time

import duckdb

RESPONSES = """
CREATE OR REPLACE TEMP TABLE responses AS
WITH landed AS (
  SELECT * FROM {events}
),
around AS (
  SELECT tenant_id, interaction_id, event_id, event_time, event_type,
    event_time - max(event_time) FILTER (event_type <> 'assessment_recorded') OVER (
      PARTITION BY tenant_id, user_id ORDER BY event_time
      RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING) AS gap,
    session_id,
    CASE WHEN event_type = 'response_shown' THEN list_distinct(list_filter(
      string_split_regex(
        lower(spaced(coalesce(prompt, list_filter(messages, m -> m.role = 'user')[-1].content))),
        '[^\\p{{L}}\\p{{M}}\\p{{N}}]+'), w -> w <> '')) END AS words,
    user_id, event_time - to_milliseconds(coalesce(latency_ms, 0)) AS asked,
    coalesce(messages[-1].role = 'tool', false) AS to_tool
  FROM landed
),
once AS (
  SELECT *, NOT to_tool AND count(*) OVER (PARTITION BY tenant_id, user_id, interaction_id
      ORDER BY event_time
      RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING) = 0
    AS is_request
  FROM around WHERE event_type = 'response_shown'
  QUALIFY row_number() OVER (PARTITION BY tenant_id, interaction_id, event_time, event_id) = 1
),
next AS (
  SELECT *, request.asked AS next_asked, request.session AS next_session,
    request.words AS next_words,
    request.time - event_time <= INTERVAL 1 DAY AND request.asked >= event_time AS follows
  FROM (
    SELECT tenant_id, interaction_id, event_id, event_time, gap, session_id, words,
      first_value(CASE WHEN is_request
        THEN {{'time': event_time, 'asked': asked, 'session': session_id, 'words': words}}
        END IGNORE NULLS) OVER (
        PARTITION BY tenant_id, user_id ORDER BY event_time, event_id
        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS request
    FROM once)
),
by_user AS (
  SELECT tenant_id, interaction_id, event_id, event_time,
    CASE WHEN gap <= INTERVAL 1 DAY THEN epoch_us(event_time) - epoch_us(event_time - gap) END / 1e6
      AS gap_seconds,
    CASE WHEN follows
      THEN (epoch_us(next_asked) - epoch_us(event_time)) / 1e6 END AS next_seconds,
    session_id = next_session AS next_in_session,
    CASE WHEN follows THEN len(list_intersect(words, next_words))
      / nullif(len(list_distinct(list_concat(words, next_words))), 0) END AS next_similarity
  FROM next
),
events AS (
  SELECT *, max(CASE WHEN event_type = 'response_shown' THEN event_time END) OVER (
    PARTITION BY tenant_id, interaction_id ORDER BY event_time
    RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS shown_at
  FROM landed
  QUALIFY row_number() OVER (PARTITION BY tenant_id, interaction_id, event_time, event_id
    ORDER BY landing_date, source_file, source_line, source_record) = 1
)
SELECT e.tenant_id, e.interaction_id, shown_at,
  arg_min({{'user_id': e.user_id, 'prompt': prompt, 'messages': messages, 'response': response,
    'capabilities': capabilities, 'user_type': user_type, 'query_category': query_category,
    'model': model, 'release': release, 'surface': surface, 'language': language,
    'by_user': b}}, e.event_id) FILTER (event_type = 'response_shown') AS shown,
  count(*) AS n_events,
  count(*) FILTER (event_type IN ('response_edited', 'text_copied', 'suggestion_accepted',
    'suggestion_dismissed', 'code_executed', 'task_completed', 'task_abandoned',
    'suggestion_clicked', 'response_regenerated', 'feedback_submitted')) AS n_actions,
  list({{'at': e.event_time, 'id': e.event_id, 'text': final_text}}
    ORDER BY e.event_time, e.event_id) FILTER (event_type = 'response_edited') AS edits,
  list({{'text': copied_text, 'from': copy_start, 'to': copy_end}})
    FILTER (event_type = 'text_copied') AS copies,
  list({{'at': e.event_time, 'id': e.event_id, 'text': executed_text, 'succeeded': succeeded}}
    ORDER BY e.event_time, e.event_id) FILTER (event_type = 'code_executed') AS runs,
  arg_max(event_type = 'suggestion_accepted', (e.event_time, e.event_id))
    FILTER (event_type IN ('suggestion_accepted', 'suggestion_dismissed')) AS accepted,
  arg_max(event_type = 'task_completed', (e.event_time, e.event_id))
    FILTER (event_type IN ('task_completed', 'task_abandoned')) AS completed,
  bool_or(event_type = 'suggestion_clicked') AS clicked,
  bool_or(event_type = 'response_regenerated') AS regenerated,
  bool_or(event_type = 'rating_prompt_shown') AS asked,
  min(e.event_time) FILTER (event_type = 'session_ended') AS ended_at,
  arg_max(thumbs, (e.event_time, e.event_id)) FILTER (thumbs IS NOT NULL) AS thumbs,
  arg_max(stars, (e.event_time, e.event_id)) FILTER (stars IS NOT NULL) AS stars,
  arg_max(helpful, (e.event_time, e.event_id)) FILTER (helpful IS NOT NULL) AS helpful,
  bool_or(coalesce(trim(report_reason) <> '', false)) AS reported,
  arg_max(lower(assessment_label), (e.event_time, e.event_id))
    FILTER (assessment_source_type = 'HUMAN' AND lower(assessment_name) = 'quality') AS verdict
FROM events e LEFT JOIN by_user b USING (tenant_id, interaction_id, event_id, event_time)
WHERE e.event_time - shown_at <= INTERVAL 1 DAY
GROUP BY e.tenant_id, e.interaction_id, shown_at
"""

INTERACTIONS = """
COPY (SELECT * EXCLUDE (copies, runs, edits), edits[-1].text AS final_text FROM responses)
TO '{out}/responses.parquet'
"""

SIGNALS = """
CREATE OR REPLACE TEMP TABLE signals AS
WITH edited AS (
  SELECT tenant_id, interaction_id, shown_at, shown.response AS response, edits[-1].text AS final,
    list_transform(
      list_filter(
        list_transform(edits, (e, i) -> {'stage': stage(e.at - shown_at), 'text': e.text,
          'next': CASE WHEN i < len(edits) THEN stage(edits[i + 1].at - shown_at) END}),
        e -> e.next IS NULL OR e.next > e.stage),
      e -> {'stage': e.stage, 'retained': 1 - levenshtein(response, e.text)
        / greatest(length(response), length(e.text), 1)}) AS kept
  FROM responses WHERE edits IS NOT NULL
),
grams AS (
  SELECT tenant_id, interaction_id, shown_at, side, substr(text, i, 4) AS gram, count(*) AS n
  FROM (
    SELECT tenant_id, interaction_id, shown_at, side, text,
      unnest(generate_series(1, length(text) - 3)) AS i
    FROM (SELECT tenant_id, interaction_id, shown_at, 1 AS side, response AS text FROM edited
      UNION ALL SELECT tenant_id, interaction_id, shown_at, 2, final FROM edited))
  GROUP BY ALL
),
survival AS (
  SELECT tenant_id, interaction_id, shown_at, sum(shared) AS common, sum(a) AS a, sum(b) AS b
  FROM (
    SELECT tenant_id, interaction_id, shown_at, sum(n) FILTER (side = 1) AS a,
      sum(n) FILTER (side = 2) AS b, CASE WHEN count(*) = 2 THEN min(n) ELSE 0 END AS shared
    FROM grams GROUP BY tenant_id, interaction_id, shown_at, gram)
  GROUP BY ALL
),
spans AS (
  SELECT tenant_id, interaction_id, shown_at, length(response) AS length,
    greatest(start, 0) AS start, least(stop, length(response)) AS stop
  FROM (
    SELECT tenant_id, interaction_id, shown_at, response,
      coalesce(copy.from, nullif(strpos(response, copy.text), 0) - 1) AS start,
      coalesce(copy.to, nullif(strpos(response, copy.text), 0) - 1 + length(copy.text)) AS stop
    FROM (SELECT tenant_id, interaction_id, shown_at, shown.response AS response,
      unnest(copies) AS copy FROM responses WHERE copies IS NOT NULL))
),
copied AS (
  SELECT tenant_id, interaction_id, shown_at,
    sum(greatest(0, stop - greatest(start, coalesce(reach, 0)))) / any_value(length) AS share
  FROM (SELECT *, max(stop) OVER (PARTITION BY tenant_id, interaction_id, shown_at
      ORDER BY start, stop ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach
    FROM spans WHERE stop >= start AND length > 0)
  GROUP BY ALL
)
SELECT r.tenant_id, r.interaction_id, r.shown_at, shown.user_id AS user_id,
  outcome(r.edits IS NOT NULL, offers(shown.capabilities, 'edit')) AS edit_outcome,
  kept[-1].retained AS edit_retained,
  retained(kept, 0) AS edit_retained_30s, retained(kept, 1) AS edit_retained_2m,
  retained(kept, 2) AS edit_retained_5m, retained(kept, 3) AS edit_retained_10m,
  retained(kept, 4) AS edit_retained_15m,
  CASE WHEN s.a > 0 THEN 2 * s.common / (s.a + coalesce(s.b, 0)) END AS survival_similarity,
  CASE WHEN s.a > 0 THEN s.common / s.a END AS survival_containment,
  outcome(r.copies IS NOT NULL, offers(shown.capabilities, 'copy')) AS copy_outcome,
  c.share AS copy_share,
  outcome(accepted IS NOT NULL, offers(shown.capabilities, 'accept')) AS accept_outcome, accepted,
  outcome(runs IS NOT NULL, offers(shown.capabilities, 'run') AND contains(shown.response, '```'))
    AS code_outcome,
  CASE WHEN coalesce(len(told), 0) = 0 THEN NULL
    WHEN told[1].succeeded
      AND coalesce(contains(collapsed(shown.response), collapsed(told[1].text)), true)
      THEN 'ran_as_is'
    WHEN told[1].succeeded THEN 'ran_after_edit'
    WHEN list_bool_or(list_transform(told, run -> run.succeeded)) THEN 'fixed_after_error'
    ELSE 'error' END AS code_result,
  outcome(completed IS NOT NULL, offers(shown.capabilities, 'task')) AS task_outcome,
  completed AS task_completed,
  CASE WHEN regenerated THEN 'regenerated'
    WHEN soon AND alike THEN 'rephrased'
    WHEN clicked OR (followed AND NOT alike) THEN 'engaged'
    WHEN ended_at - r.shown_at <= INTERVAL 60 SECOND AND n_actions = 0 THEN 'bounced'
    END AS session_result,
  shown.by_user.next_seconds AS next_prompt_seconds,
  shown.by_user.next_similarity AS rephrase_similarity,
  outcome(coalesce(thumbs, stars::VARCHAR, helpful::VARCHAR, nullif(reported, false)::VARCHAR)
    IS NOT NULL, offers(shown.capabilities, 'rate') OR asked) AS rating_outcome,
  thumbs, stars, helpful, reported, verdict AS human_verdict
FROM (SELECT *, list_filter(runs, run -> run.succeeded IS NOT NULL) AS told,
    coalesce(shown.by_user.next_seconds <= 60, false) AS soon,
    shown.by_user.next_similarity >= 0.5 AS alike,
    coalesce(shown.by_user.next_in_session AND shown.by_user.next_seconds <= 1800, false)
      AS followed
  FROM responses) r
LEFT JOIN edited USING (tenant_id, interaction_id, shown_at)
LEFT JOIN survival s USING (tenant_id, interaction_id, shown_at)
LEFT JOIN copied c USING (tenant_id, interaction_id, shown_at)
"""

LABELS = """
COPY (
  WITH rated AS (
    SELECT *, CASE WHEN reported THEN false
      ELSE coalesce(thumbs = 'up', helpful,
        CASE WHEN stars >= 4 THEN true WHEN stars <= 2 THEN false END) END AS rating
    FROM signals
  ),
  votes AS (
    SELECT tenant_id, interaction_id, shown_at, human_verdict, [
      vote(greatest(edit_retained, survival_containment) >= 0.67,
        greatest(edit_retained, survival_containment) < 0.5),
      vote(accepted OR (copy_outcome = 'observed' AND coalesce(copy_share > 0, true)),
        NOT accepted),
      vote(code_result IN ('ran_as_is', 'ran_after_edit'),
        code_result IN ('fixed_after_error', 'error')),
      vote(task_completed, NOT task_completed),
      vote(session_result = 'engaged', session_result IN ('regenerated', 'rephrased', 'bounced')),
      vote(rating, NOT rating)] AS votes
    FROM rated
  )
  SELECT *, (len(list_filter(votes, v -> v)) + 0.5)
    / (len(list_filter(votes, v -> v IS NOT NULL)) + 1) AS p_good
  FROM votes
) TO '{out}/labels.parquet'
"""

MACROS = """
CREATE MACRO stage(after) AS (after > INTERVAL 30 SECOND)::INT + (after > INTERVAL 2 MINUTE)::INT
  + (after > INTERVAL 5 MINUTE)::INT + (after > INTERVAL 10 MINUTE)::INT
  + (after > INTERVAL 15 MINUTE)::INT;
CREATE MACRO retained(kept, horizon) AS CASE WHEN kept IS NOT NULL THEN
  coalesce(list_filter(kept, k -> k.stage <= horizon)[-1].retained, 1) END;
CREATE MACRO offers(capabilities, what) AS coalesce(list_contains(capabilities, what), false);
CREATE MACRO outcome(observed, offered) AS CASE WHEN observed THEN 'observed'
  WHEN offered THEN 'not_observed' ELSE 'not_applicable' END;
CREATE MACRO spaced(text) AS regexp_replace(text, '([\\p{Han}\\p{Hiragana}\\p{Katakana}'
  || '\\p{Bopomofo}\\p{Thai}\\p{Lao}\\p{Khmer}\\p{Myanmar}\\p{Tibetan}])', ' \\1 ', 'g');
CREATE MACRO collapsed(text) AS trim(regexp_replace(text, '\\s+', ' ', 'g'));
CREATE MACRO vote(good, bad) AS CASE WHEN good THEN true WHEN bad THEN false END;
"""


def open_database(**config):
    """A connection that knows the macros."""
    database = duckdb.connect(config=config)
    database.execute("SET TimeZone = 'UTC'")
    database.execute(MACROS)
    return database


def make_signals(database, events):
    """The tables `responses` and `signals` of what `events` names, a table or a call of one."""
    database.execute(RESPONSES.format(events=events))
    database.execute(SIGNALS)


def main(events, out, threads):
    database = open_database(threads=int(threads))
    files = f"read_parquet('{events}/*/*.parquet', hive_partitioning = true)"
    for _ in sys.stdin:
        start = time.perf_counter()
        make_signals(database, files)
        database.execute(INTERACTIONS.format(out=out))
        database.execute(f"COPY signals TO '{out}/signals.parquet'")
        database.execute(LABELS.format(out=out))
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
