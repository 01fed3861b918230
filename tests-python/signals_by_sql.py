"""Compares `behavior_signals` of the lake at argv[1] with the same signals written in DuckDB's SQL.

Prints a JSON object: by column, in how many responses the two differ and how many have a value.
Runs in the duckdb environment.
"""

import json
import pathlib
import sys

import duckdb_lake

sys.path.append(str(pathlib.Path(__file__).parent.parent / "bench"))
import label_peer


def main(lake):
    database = label_peer.open_database(**duckdb_lake.OFFLINE)
    duckdb_lake.load_delta(database)
    label_peer.make_signals(database, f"delta_scan('{lake}/tables/events')")
    # DuckDB counts bytes in its distances: they are compared where each character is one.
    database.execute(f"""
        CREATE TABLE compared AS
        SELECT ours, theirs, strlen(response || texts) = length(response || texts) AS ascii
        FROM delta_scan('{lake}/tables/behavior_signals') ours
        FULL JOIN signals theirs USING (tenant_id, interaction_id, shown_at)
        LEFT JOIN (SELECT tenant_id, interaction_id, shown_at, shown.response AS response,
          array_to_string(list_transform(coalesce(edits, []), e -> e.text), '') AS texts
          FROM responses) USING (tenant_id, interaction_id, shown_at)
    """)
    names = [row[0] for row in database.execute("DESCRIBE signals").fetchall()]
    found = {}
    for name in names:
        ours, theirs = f"ours.{name}", f"theirs.{name}"
        if name == "reported":
            theirs = f"nullif({theirs}, false)"
        same = f"{ours} IS NOT DISTINCT FROM {theirs}"
        if database.execute(f"SELECT any_value(typeof({theirs})) FROM compared").fetchone() == (
            "DOUBLE",
        ):
            same = f"({same} OR coalesce(abs({ours} - {theirs}) < 1e-9, false))"
        where = "ascii" if name.startswith("edit_retained") else "true"
        found[name] = database.execute(
            f"SELECT count(*) FILTER (NOT {same}), count({ours}) FROM compared WHERE {where}"
        ).fetchone()
    print(json.dumps(found))


main(sys.argv[1])
