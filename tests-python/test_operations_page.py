"""The Python of docs/operations.md runs as it stands there, on a copy of the lake."""

import os
import pathlib
import re
import shutil

import canonical
import pytest
from deltalake import DeltaTable

LAKE = pathlib.Path(os.environ["FLYWHEEL_LAKE"]).resolve()
PAGE = pathlib.Path(__file__).parents[1] / "docs" / "operations.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def lake(tmp_path, monkeypatch):
    """A copy of the lake under the name that the page uses."""
    shutil.copytree(LAKE, tmp_path / "lake")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "lake"


def rows(table):
    return canonical.rows(table.to_pandas().to_dict("records"), table.schema())


def test_every_block_runs(lake):
    assert len(BLOCKS) == 5
    names = {}
    for block in BLOCKS:
        exec(block, names)
    assert set(names["stages"]["stage"]) == {"ingest", "label", "sample", "cluster", "report"}
    assert (names["stages"]["seconds"] > 0).all()
    assert names["bad"].height > 0


def test_landing_days_without_an_ingest_are_found(lake):
    [opens] = [block for block in BLOCKS if block.count("runs = ") and "restore" not in block]
    [finds] = [block for block in BLOCKS if "missing = " in block]
    names = {}
    exec(opens, names)
    every = names["runs"]
    exec(finds, names)
    after = names["missing"][0]
    assert str(after.date()) == str(every["interval_to"].max())
    assert names["missing"][-1] == names["yesterday"]

    def without(ingest_of_second):
        second = every["interval_from"] == sorted(every["interval_from"])[1]
        names["runs"] = ingest_of_second(every.copy(), second)
        exec(finds, names)
        return [str(day.date()) for day in names["missing"][:1]]

    expected = [str(sorted(every["interval_from"])[1])]

    def skipped(runs, second):
        return runs.assign(status=runs["status"].mask(second, "nothing_to_do"))

    assert without(lambda runs, second: runs[~second]) == expected
    assert without(skipped) == expected


def test_rolling_back_puts_the_tables_of_a_run_where_they_were_before_it(lake):
    [block] = [block for block in BLOCKS if "restore" in block]
    names = {}
    exec(block, names)
    last, before = names["left"](names["bad"]), names["left"](names["good"])
    restored = last.keys() - names["REGISTRIES"]
    for name, version in last.items():
        table = DeltaTable(lake / "tables" / name)
        if name not in restored:
            assert table.version() == version
            continue
        assert before[name] < version
        assert rows(table) == rows(DeltaTable(lake / "tables" / name, version=before[name]))
        assert table.protocol().min_reader_version == 1
        assert table.protocol().min_writer_version in (2, 3)
    assert {"events", "quality_labels", "failure_reports"} <= restored
    assert len(restored) == 16


def test_a_run_that_was_rolled_back_is_not_gone_back_to(lake):
    [block] = [block for block in BLOCKS if "restore" in block]
    runs = DeltaTable("lake/tables/run_manifest").to_pandas().sort_values("started_at")
    exec(block.replace("undone = []", f"undone = [{runs.iloc[-2]['run_id']!r}]"), {})
    before = dict(runs.iloc[-3]["stages"][0]["output_versions"])["events"]
    found = rows(DeltaTable("lake/tables/events"))
    assert found == rows(DeltaTable("lake/tables/events", version=before))


def test_rolling_back_the_first_run_leaves_empty_tables(lake):
    [block] = [block for block in BLOCKS if "restore" in block]
    exec(block.replace("runs.tail(1)", "runs"), {})
    assert rows(DeltaTable(lake / "tables" / "quality_labels")) == []
