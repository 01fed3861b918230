"""Writes every row of the Delta table at argv[1] to standard output, one JSON object a line.

Runs in the duckdb environment, with the extension from its package and no network.
"""

import datetime as dt
import json
import sys

import duckdb
import duckdb_lake


def plain(found):
    if isinstance(found, (dt.date, dt.datetime)):
        return found.isoformat()
    raise TypeError(f"no JSON form for {type(found).__name__}")


def main(table):
    connection = duckdb.connect(config=duckdb_lake.OFFLINE)
    connection.execute("SET TimeZone = 'UTC'")
    duckdb_lake.load_delta(connection)
    found = connection.execute("SELECT * FROM delta_scan(?)", [table])
    names = [column[0] for column in found.description]
    while batch := found.fetchmany(10_000):
        for row in batch:
            print(json.dumps(dict(zip(names, row, strict=True)), default=plain))


main(sys.argv[1])
