"""Logs, lakes and what is in them, for the tests that run Spark."""

import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).parents[2]


def flywheel(*words, env=None):
    """Runs a command as one does by hand, through spark-submit where it needs Spark."""
    ended = subprocess.run(
        [ROOT / "bin/flywheel", *words],
        env=os.environ | (env or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


def generate(folder, first, end, interactions_per_day):
    """Raw logs as the demo has them."""
    flywheel(
        "generate",
        *("--output", folder, "--truth", folder.parent / "truth"),
        *("--from", first, "--to", end),
        *("--interactions-per-day", str(interactions_per_day)),
    )
    return folder


def small_spark(folder):
    """Spark settings for days of a few rows: most of their time is start and compilation."""
    file = folder / "spark.properties"
    file.write_text(
        "spark.sql.shuffle.partitions 2\n"
        "spark.sql.codegen.factoryMode NO_CODEGEN\n"
        "spark.sql.adaptive.enabled false\n"
        "spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1\n"
    )
    return file


def lawful_rows(lake):
    """Rows by table that are the same in every lake of the same nights."""
    return json.loads(_by_readers(ROOT / "tests-python/lawful.py", lake))


def manifest(lake):
    """Rows of run_manifest in the order of their start."""
    read = (
        "import json, sys, polars;"
        "runs = polars.read_delta(sys.argv[1] + '/tables/run_manifest');"
        "json.dump(runs.sort('started_at').to_dicts(), sys.stdout, default=str)"
    )
    return json.loads(_by_readers("-c", read, lake))


def _by_readers(*words):
    return subprocess.run(
        [os.environ["FLYWHEEL_READERS_PYTHON"], *words],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
