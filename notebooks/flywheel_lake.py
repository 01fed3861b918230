"""Opens the tables of a lake with delta-rs, Polars, DuckDB or Spark, whichever is installed.

    from flywheel_lake import table
    table("quality_labels")                                      # pandas, by delta-rs
    table("quality_labels", using="polars")                      # a LazyFrame
    table("quality_labels", using="duckdb")                      # a relation
    table("quality_labels", using="spark")                       # a DataFrame of Spark
    table("quality_labels", dates=("2026-01-05", "2026-01-07"))  # only the files of two days

``FLYWHEEL_LAKE`` says where the lake is: the folder or object-store prefix above ``tables/``.
Credentials of an object store come from its usual environment variables. No module is imported
before it is needed.
"""

import datetime as dt
import importlib
import os
import pathlib
import re
import warnings
from unicodedata import category

READERS = ("delta-rs", "polars", "duckdb", "spark")

# As report.min_distinct_users: no text of an issue with fewer users is shown.
MIN_DISTINCT_USERS = int(os.environ.get("FLYWHEEL_MIN_DISTINCT_USERS", "5"))

# As on the report page.
EXAMPLES = 3
LONGEST_EXCERPT = 300

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")

# What identifies a response.
RESPONSE_KEY = ["tenant_id", "interaction_id", "shown_at"]

# Controls, format characters such as bidi overrides, lone surrogates.
_STEERING = ("Cc", "Cf", "Cs")
_LINE_BREAKS = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")


def lake():
    """Root of the lake, or an error that says how to name it.

    A folder that is not absolute lies below the working folder or, where there is none, below the
    repository: notebooks run in ``notebooks/``, while ``demo/lake`` is said from above it.
    """
    root = os.environ.get("FLYWHEEL_LAKE", "").rstrip("/")
    if not root:
        raise LookupError(
            "FLYWHEEL_LAKE is not set: it is the folder or object-store prefix above tables/, such"
            " as demo/lake after 'make demo'."
        )
    if _SCHEME.match(root):
        return root
    here, above = pathlib.Path(root).absolute(), REPOSITORY / root
    return str(above if above.is_dir() and not here.is_dir() else here)


def path(name):
    """Where a table lies."""
    return f"{lake()}/tables/{name}"


def table(name, using="delta-rs", dates=None):
    """All rows of a table, or those whose partition date lies in a half-open range.

    :param using: delta-rs (gives pandas), polars (a LazyFrame), duckdb (a relation), spark
    :param dates: first day and the day after the last, as ``2026-01-05`` or as dates; readers open
        only the files of these days
    :raises LookupError: when the lake has no such table
    """
    if using not in READERS:
        raise ValueError(f"using is {using!r}: it must be one of {', '.join(READERS)}.")
    if using == "spark":
        return _spark_table(name, dates)
    opened = _delta(name)
    date = _range(name, opened.metadata().partition_columns, dates)
    if using == "delta-rs":
        filters = date and [(date[0], ">=", str(date[1])), (date[0], "<", str(date[2]))]
        with warnings.catch_warnings():
            # delta-rs calls what a later pandas will drop.
            warnings.simplefilter("ignore", DeprecationWarning)
            return opened.to_pandas(partitions=filters)
    if using == "polars":
        import polars as pl

        rows = pl.scan_delta(path(name))
        if date:
            rows = rows.filter((pl.col(date[0]) >= date[1]) & (pl.col(date[0]) < date[2]))
        return rows
    rows = duckdb_connection().sql(f"SELECT * FROM delta_scan('{_duckdb_path(name)}')")
    return rows.filter(_condition(date)) if date else rows


def _spark_table(name, dates):
    """Without delta-rs, which an installation of Spark need not have."""
    from pyspark.errors import AnalysisException

    spark = spark_session()
    source = f"delta.`{_named(name)}`"
    try:
        partitions = spark.sql(f"DESCRIBE DETAIL {source}").first()["partitionColumns"]
    except AnalysisException as missing:
        if "DELTA_MISSING_DELTA_TABLE" not in str(missing):
            raise
        raise _no_table(name) from missing
    date = _range(name, partitions, dates)
    rows = spark.table(source)
    return rows.where(_condition(date)) if date else rows


def _condition(date):
    return f"{date[0]} >= DATE '{date[1]}' AND {date[0]} < DATE '{date[2]}'"


def table_names():
    """Names of the tables of a lake in a folder; on an object store, those of the documentation."""
    folder = pathlib.Path(lake()) / "tables"
    if folder.is_dir():
        return sorted(entry.name for entry in folder.iterdir() if (entry / "_delta_log").is_dir())
    return _documented()


def columns(name):
    """What each column means, from the comments that the table itself carries."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "column": field.name,
                "type": _words(field.type),
                "null": "yes" if field.nullable else "no",
                "meaning": field.metadata.get("comment", ""),
            }
            for field in _delta(name).schema().fields
        ]
    )


def _words(kind):
    written = str(kind)
    found = re.match(r'PrimitiveType\("(\w+)"\)', written)
    return found[1] if found else re.match(r"(\w+?)(Type)?\(", written)[1].lower()


def _delta(name):
    from deltalake import DeltaTable
    from deltalake.exceptions import TableNotFoundError

    try:
        return DeltaTable(_named(name))
    except TableNotFoundError as missing:
        raise _no_table(name) from missing


def _named(name):
    if not re.fullmatch(r"\w+", name):
        raise LookupError(f"{name!r} is no name of a table.")
    return path(name)


def _no_table(name):
    return LookupError(
        f"The lake {lake()} has no table {name!r}. Tables that a night writes are described in"
        " docs/tables.md; the lake may be another one than you think, or have no night yet."
    )


def _range(name, partitions, dates):
    """Partition column, first day, day after the last; None without dates."""
    if dates is None:
        return None
    first, end = (dt.date.fromisoformat(str(day)) for day in dates)
    if first >= end:
        raise ValueError(f"dates {first} to {end} are empty: the second is the day after the last.")
    if not partitions:
        raise ValueError(f"{name} is not partitioned by date: read it whole.")
    return partitions[0], first, end


def _duckdb_path(name):
    # The name that DuckDB has for the scheme.
    return re.sub(r"^s3a://", "s3://", path(name)).replace("'", "''")


_connection = None

# Names of views that the lake has not all tables for, each with the table.
_missing = {}


def duckdb_connection():
    """DuckDB with its delta extension and the views of ``views.sql``; one per process.

    Views whose tables the lake does not have yet are left out.
    """
    global _connection
    if _connection is None:
        import duckdb

        opened = duckdb.connect()
        opened.execute("SET TimeZone = 'UTC'")
        _load(opened, "delta")
        if re.match("s3a?://", lake()):
            _load(opened, "httpfs")
            opened.execute(*_s3_secret())
        opened.execute("SET VARIABLE lake = ?", [re.sub(r"^s3a://", "s3://", lake())])
        _make_views(opened)
        _connection = opened
    return _connection


def _s3_secret():
    """The statement that gives DuckDB the credentials of the environment, and its values."""
    named = {
        "KEY_ID": "AWS_ACCESS_KEY_ID",
        "SECRET": "AWS_SECRET_ACCESS_KEY",
        "SESSION_TOKEN": "AWS_SESSION_TOKEN",
        "REGION": "AWS_REGION",
    }
    given = {option: os.environ.get(name) for option, name in named.items()}
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        scheme, _, host = endpoint.rstrip("/").rpartition("://")
        given |= {"ENDPOINT": host, "USE_SSL": scheme != "http", "URL_STYLE": "path"}
    given = {option: value for option, value in given.items() if value not in (None, "")}
    options = "".join(f", {option} ?" for option in given)
    return f"CREATE SECRET lake (TYPE s3{options})", list(given.values())


def _make_views(connection):
    import duckdb

    _missing.clear()
    views = pathlib.Path(__file__).with_name("views.sql").read_text()
    made = 0
    for statement in duckdb.extract_statements(views):
        name = re.search(r"CREATE OR REPLACE VIEW (\w+)", statement.query)[1]
        read = [_missing[word] for word in _words_of(statement.query) if word in _missing]
        if read:
            _missing[name] = read[0]
            continue
        try:
            connection.execute(statement)
            made += 1
        except duckdb.IOException as failure:
            # What DuckDB says of a table without a folder, and of a folder that is no table.
            if not re.search("Path does not exist|No files in log segment", str(failure)):
                raise
            _missing[name] = name
    if not made:
        raise LookupError(
            f"The lake {lake()} has no tables: it may be another one than you think, or have no night"
            " yet."
        )


def _words_of(query):
    """Names in a statement, without those in its comments."""
    return re.findall(r"\w+", re.sub("--.*", "", query))


def sql(query):
    """What DuckDB answers over the views of ``views.sql``, as pandas.

    :raises LookupError: when the lake has not the tables that the query asks
    """
    import duckdb

    connection = duckdb_connection()
    with warnings.catch_warnings():
        # DuckDB calls what a later pandas will drop.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            return connection.sql(query).df()
        except duckdb.CatalogException as unknown:
            tables = [_missing[word] for word in _words_of(query) if word in _missing]
            if not tables:
                raise
            raise _no_table(tables[0]) from unknown


def _load(connection, extension):
    """Loads an extension from its package where that is installed: then there is no download."""
    packaged = _packaged_extension(extension)
    connection.execute(
        f"LOAD '{packaged}'" if packaged else f"INSTALL {extension}; LOAD {extension}"
    )


def _packaged_extension(extension):
    try:
        package = importlib.import_module(f"duckdb_extension_{extension}")
    except ImportError:
        return None
    folder = pathlib.Path(package.__file__).parent
    return next(folder.glob(f"extensions/*/{extension}.duckdb_extension"), None)


def spark_session():
    """The active session, as on a cluster, or a local one that has Delta.

    ``FLYWHEEL_JARS`` names Delta's jars, separated by commas, for a Spark that does not bring them.
    """
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    builder = (
        SparkSession.builder.appName("flywheel-notebook")
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config(
            "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog"
        )
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
    )
    if os.environ.get("FLYWHEEL_JARS"):
        builder = builder.config("spark.jars", os.environ["FLYWHEEL_JARS"])
    return builder.getOrCreate()


def _documented():
    page = REPOSITORY / "docs" / "tables.md"
    return sorted(re.findall(r"^\| \[`(\w+)`\]", page.read_text(), re.MULTILINE))


# Text of users.


def examples(issue, interactions, min_users=None):
    """Typical responses of an issue as they may be shown: redacted and cut.

    Empty where fewer users than ``report.min_distinct_users`` have the issue, as on the report page.

    :param issue: a row of ``failure_issues``
    :param interactions: rows of ``interactions``
    :return: prompt, response, model
    """
    least = MIN_DISTINCT_USERS if min_users is None else min_users
    shown = [] if issue["distinct_users"] < least else exemplar_keys(issue)[:EXAMPLES]
    keys = interactions[RESPONSE_KEY].itertuples(index=False, name=None)
    found = interactions[[key in shown for key in keys]][["prompt", "response", "model"]]
    return found.assign(
        prompt=found["prompt"].map(excerpt), response=found["response"].map(excerpt)
    )


def exemplar_keys(issue):
    """Keys of an issue's typical responses; ``interaction_id`` alone may name those of others."""
    keys = issue["exemplar_keys"]
    # Null is None or NaN, depending on the other rows.
    known = keys if hasattr(keys, "__len__") else []
    return [tuple(key[column] for column in RESPONSE_KEY) for key in known]


def excerpt(text):
    """A text as it may be shown: redacted, then cut."""
    if not isinstance(text, str):
        return None
    clean = redacted(text)
    return clean if len(clean) <= LONGEST_EXCERPT else clean[:LONGEST_EXCERPT].rstrip() + "…"


# Blanks and hyphens between groups of digits, also those at which no line breaks.
_GAP = r"\u00a0\u2007\u2009\u2011\u202f -"

# The rules of dev.flywheel.text.Redaction, in their order: a rule sees what those before it left.
_RULES = [
    (
        r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?"
        r"(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)",
        "[secret]",
    ),
    (r"(?<=://)[^\s/@:]{1,128}+:[^\s/@]{1,256}+@", "[secret]@"),
    (
        r"(?i)((?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key)"
        r"[\"']?\s{0,8}[:=]\s{0,8}[\"']?)(?!\[secret\])[^\s\"',;]{4,}+",
        r"\1[secret]",
    ),
    (r"(?i)\b(bearer|basic)\s{1,8}[A-Za-z0-9._~+/=-]{16,}+", r"\1 [secret]"),
    (
        r"\b(?:[spr]k[-_][A-Za-z0-9_-]{16,}+|gh[pousr]_[A-Za-z0-9]{20,}+"
        r"|github_pat_[A-Za-z0-9_]{20,}+|glpat-[A-Za-z0-9_-]{16,}+"
        r"|xox[a-z]-[A-Za-z0-9-]{10,}+|A[KS]IA[A-Z0-9]{16}+|AIza[A-Za-z0-9_-]{30,64}+"
        r"|hf_[A-Za-z0-9]{20,}+|npm_[A-Za-z0-9]{20,}+"
        r"|eyJ[A-Za-z0-9_-]{8,4096}+\.[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]{4,}+)?)",
        "[secret]",
    ),
    (r"(?<![A-Za-z0-9])[0-9A-Fa-f]{32,}+(?![A-Za-z0-9])", "[secret]"),
    (
        r"(?<![A-Za-z0-9])(?=[A-Za-z]*+[0-9])(?=[a-z0-9]*+[A-Z])(?=[A-Z0-9]*+[a-z])"
        r"[A-Za-z0-9]{24,}+",
        "[secret]",
    ),
    (r"(?u:[\w.%+-]){1,64}+@(?u:[\w-]){1,63}+(?:\.(?u:[\w-]){1,63}+){1,8}+", "[email]"),
    (
        r"(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.]*\d)"
        r"|(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{1,4}:){4,7}+[0-9A-Fa-f]{1,4}",
        "[address]",
    ),
    (
        r"\b[A-Za-z]{2}\d{2}[A-Za-z0-9]{11,30}+\b"
        r"|\b[A-Z]{2}\d{2}(?:[<gap>][A-Z0-9]{4}){3,7}+(?:[<gap>][A-Z0-9]{1,3})?+\b",
        "[number]",
    ),
    (r"\+\d[\d().<gap>]{5,18}\d", "[phone]"),
    (r"\(\d{1,5}\)[<gap>]?\d{2,5}(?:[.<gap>]?\d{2,5}){1,3}+", "[phone]"),
    (
        r"(?<![\d.])(?!\d{4}[.<gap>]\d{1,2}[.<gap>]\d{1,2}(?!\d))"
        r"(?!\d{1,2}[.<gap>]\d{1,2}[.<gap>]\d{4}(?!\d))"
        r"(?=\d(?:[.<gap>]?\d){7})\d{2,4}(?:[.<gap>]\d{2,4}){2,4}+(?![\d])",
        "[phone]",
    ),
    (
        r"(?<!\d)(?<!\d[.,])(?!\d{4}[-\u2011]\d{2}[-\u2011]\d{2}(?!\d))"
        r"\d(?:[<gap>]?\d){8,63}+",
        "[number]",
    ),
]
_COMPILED = None


def redacted(text):
    """The text without e-mail addresses, phone numbers, long numbers and secrets.

    Characters that steer the display go first: an address with one inside is one as soon as it is
    gone.
    """
    global _COMPILED
    if _COMPILED is None:
        _COMPILED = [
            (re.compile(pattern.replace("<gap>", _GAP), re.ASCII), given)
            for pattern, given in _RULES
        ]
    lines = _LINE_BREAKS.sub("\n", text)
    text = "".join(c for c in lines if c in "\n\t" or category(c) not in _STEERING)
    for pattern, given in _COMPILED:
        text = pattern.sub(given, text)
    return text


# Statistics that several notebooks show.


def wilson(successes, n, z=1.959963984540054):
    """Ends of the 95 % Wilson interval of a share; the whole of 0 to 1 without observations."""
    if n == 0:
        return 0.0, 1.0
    share = successes / n
    centre = share + z * z / (2 * n)
    half = z * ((share * (1 - share) + z * z / (4 * n)) / n) ** 0.5
    return (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)
