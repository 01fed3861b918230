"""Writes every row of the Delta table at argv[1] to standard output, one JSON object a line.

Runs in the duckdb environment, with the extension from its package and no network.
"""

import datetime as dt
import json
import pathlib
import sys

import duckdb
import duckdb_extension_delta


def plain(found):
    if isinstance(found, (dt.date, dt.datetime)):
        return found.isoformat()
    raise TypeError(f"no JSON form for {type(found).__name__}")


def main(table):
    package = pathlib.Path(duckdb_extension_delta.__file__).parent
    extension = next(package.glob("extensions/*/delta.duckdb_extension"))
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"LOAD '{extension}'")
    found = connection.execute("SELECT * FROM delta_scan(?)", [table])
    names = [column[0] for column in found.description]
    while batch := found.fetchmany(10_000):
        for row in batch:
            print(json.dumps(dict(zip(names, row, strict=True)), default=plain))


main(sys.argv[1])
