"""Every table of a lake opens in delta-rs, Polars and DuckDB, with the same rows as Spark counted.

FLYWHEEL_LAKE: a lake made by ``flywheel demo``; FLYWHEEL_DEMO_OUTPUT: what that command printed;
FLYWHEEL_DUCKDB_PYTHON: python of the environment that has DuckDB.
"""

import json
import os
import pathlib
import re
import subprocess

import canonical
import polars as pl
import pytest
from deltalake import DeltaTable

LAKE = pathlib.Path(os.environ["FLYWHEEL_LAKE"]).resolve()
HERE = pathlib.Path(__file__).parent


def counts_by_spark():
    """Table name to row count, from the table the demo ends with."""
    printed = pathlib.Path(os.environ["FLYWHEEL_DEMO_OUTPUT"]).read_text()
    found = re.findall(r"^  (\w+) +([\d,]+) rows$", printed, flags=re.MULTILINE)
    return {name: int(count.replace(",", "")) for name, count in found}


TABLES = sorted(path.name for path in (LAKE / "tables").iterdir())


def test_the_demo_counted_every_table():
    assert sorted(counts_by_spark()) == TABLES
    assert {"events", "interactions", "quality_labels"} <= set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_protocol_is_the_oldest_there_is(table):
    protocol = DeltaTable(LAKE / "tables" / table).protocol()
    assert protocol.min_reader_version == 1
    assert protocol.min_writer_version in (2, 3)
    assert not protocol.reader_features
    assert not protocol.writer_features


@pytest.mark.parametrize("table", TABLES)
def test_three_readers_see_the_same_rows(table):
    path = LAKE / "tables" / table
    delta = DeltaTable(path)
    schema = delta.schema()
    by_delta_rs = canonical.rows(delta.to_pandas().to_dict("records"), schema)
    by_polars = canonical.rows(pl.scan_delta(str(path)).collect().to_dicts(), schema)
    by_duckdb = canonical.rows(duckdb_rows(path), schema)
    assert len(by_delta_rs) == counts_by_spark()[table]
    assert by_polars == by_delta_rs
    assert by_duckdb == by_delta_rs


def duckdb_rows(path):
    found = subprocess.run(
        [os.environ["FLYWHEEL_DUCKDB_PYTHON"], HERE / "duckdb_rows.py", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return [json.loads(line) for line in found.stdout.splitlines()]
