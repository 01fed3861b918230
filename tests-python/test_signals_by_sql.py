"""Signals are what their definitions say: the same ones, written apart in another engine's SQL.

FLYWHEEL_LAKE: a lake made by ``flywheel demo``; FLYWHEEL_DUCKDB_PYTHON: python of the environment
that has DuckDB.
"""

import json
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).parent


def test_signals_equal_those_of_another_engine():
    found = subprocess.run(
        [
            os.environ["FLYWHEEL_DUCKDB_PYTHON"],
            HERE / "signals_by_sql.py",
            os.environ["FLYWHEEL_LAKE"],
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    columns = json.loads(found.stdout)
    assert len(columns) > 25
    assert {name: differ for name, (differ, _) in columns.items() if differ} == {}
    for name in ("edit_retained_2m", "survival_containment", "copy_share", "code_result"):
        assert columns[name][1] > 20
    assert columns["session_result"][1] > 500
