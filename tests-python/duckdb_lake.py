"""DuckDB with the Delta extension of its package, and no network. For the duckdb environment."""

import pathlib

import duckdb_extension_delta

OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


def load_delta(connection):
    package = pathlib.Path(duckdb_extension_delta.__file__).parent
    extension = next(package.glob("extensions/*/delta.duckdb_extension"))
    connection.execute(f"LOAD '{extension}'")
