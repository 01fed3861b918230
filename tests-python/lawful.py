"""Writes every row of the lake at argv[1] that obeys the law of time, as JSON by table.

Left out is what a registry gave a row, which depends on the order of runs by design, and the run
that wrote it: two lakes of the same nights print the same. As TestLakes.lawfulRows does in Java.

Read with Polars, as one process a call is: pyarrow's threads now and then abort Python as it ends
(apache/arrow issue 34314).
"""

import json
import pathlib
import sys

import canonical
import polars as pl
from deltalake import DeltaTable

# Who wrote a row, and what a registry has given it: these are history, not content.
HISTORY = {
    "failure_issues": {"issue_id", "status", "first_seen", "last_seen", "merged_into"},
    "issue_trends": {"issue_id"},
    "failure_reports": {"rank", "issue_id", "status"},
    "eval_dataset_records": {"added_in_version", "retired_in_version"},
    "quarantine": {"run_id"},
}

# Rows that only say what once was are not among these.
PRESENT = {
    "failure_issues": lambda row: row["cluster_id"] >= 0,
    "issue_trends": lambda row: row["failures"] > 0,
    "failure_reports": lambda row: row["failures"] > 0,
    "eval_dataset_records": lambda row: canonical.missing(row["retired_in_version"]),
}


def rows(path):
    """Sorted rows of a partitioned table; None for a registry."""
    table = DeltaTable(path)
    if not table.metadata().partition_columns:
        return None
    fields = [f for f in table.schema().fields if f.name not in HISTORY.get(path.name, ())]
    present = PRESENT.get(path.name, lambda row: True)
    return sorted(
        json.dumps([canonical.value(row[f.name], f.type) for f in fields])
        for row in pl.read_delta(table).to_dicts()
        if present(row)
    )


def main(lake):
    found = {path.name: rows(path) for path in sorted((pathlib.Path(lake) / "tables").iterdir())}
    json.dump({name: lines for name, lines in found.items() if lines is not None}, sys.stdout)


main(sys.argv[1])
