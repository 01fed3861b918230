"""The helper opens the same rows with every reader, shows no text that it should not, and says what
is wrong where something is.
"""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

import flywheel_lake
import pandas as pd
import pytest

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
LAKE = pathlib.Path(flywheel_lake.lake())
TABLES = flywheel_lake.table_names()


def test_the_lake_has_the_documented_tables():
    assert flywheel_lake._documented() == TABLES


def test_delta_rs_polars_and_duckdb_open_every_table_with_the_same_number_of_rows():
    for name in TABLES:
        expected = len(flywheel_lake.table(name))
        assert expected > 0, name
        assert flywheel_lake.table(name, using="polars").collect().height == expected, name
        rows = flywheel_lake.table(name, using="duckdb")
        assert rows.aggregate("count(*)").fetchone()[0] == expected, name


def first_two_dates(name, column):
    dates = sorted(flywheel_lake.table(name)[column].unique())
    assert len(dates) > 1
    return dates[0], dates[1]


@pytest.mark.parametrize(
    ("name", "column"), [("events", "landing_date"), ("quality_labels", "event_date")]
)
def test_dates_are_half_open_and_the_same_for_every_reader(name, column):
    first, second = first_two_dates(name, column)
    expected = (flywheel_lake.table(name)[column] == first).sum()
    range_ = (first, second)
    assert len(flywheel_lake.table(name, dates=range_)) == expected
    assert flywheel_lake.table(name, using="polars", dates=range_).collect().height == expected
    assert len(flywheel_lake.table(name, using="duckdb", dates=range_).fetchall()) == expected


def test_spark_opens_tables_with_the_same_rows():
    name = "quality_labels"
    first, second = first_two_dates(name, "event_date")
    program = (
        "import json, sys; from flywheel_lake import table;"
        "rows = table(sys.argv[1], using='spark');"
        "some = table(sys.argv[1], using='spark', dates=sys.argv[2:]);"
        "print(json.dumps([rows.count(), some.count(), rows.columns]));"
        "table('quality_label', using='spark')"
    )
    printed = subprocess.run(
        [os.environ["FLYWHEEL_SPARK_PYTHON"], "-c", program, name, str(first), str(second)],
        env=os.environ | {"SPARK_HOME": spark_home()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "has no table 'quality_label'" in printed.stderr, printed.stderr
    expected = flywheel_lake.table(name)
    rows, some, columns = json.loads(printed.stdout.splitlines()[-1])
    assert rows == len(expected)
    assert some == (expected["event_date"] == first).sum()
    assert columns == list(expected.columns)


def spark_home():
    found = "import pathlib, pyspark; print(pathlib.Path(pyspark.__file__).parent)"
    return subprocess.run(
        [os.environ["FLYWHEEL_SPARK_PYTHON"], "-c", found],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_columns_carry_their_meaning():
    columns = flywheel_lake.columns("quality_labels").set_index("column")
    assert columns.loc["p_good", "type"] == "double"
    assert columns.loc["votes", "type"] == "map"
    assert "Probability" in columns.loc["p_good", "meaning"]


@pytest.mark.parametrize("using", [name for name in flywheel_lake.READERS if name != "spark"])
def test_a_table_that_is_not_there_is_named(using):
    with pytest.raises(LookupError, match="has no table 'quality_label'"):
        flywheel_lake.table("quality_label", using=using)


def test_wrong_calls_say_what_would_be_right(monkeypatch):
    with pytest.raises(ValueError, match="delta-rs, polars, duckdb, spark"):
        flywheel_lake.table("events", using="pandas")
    with pytest.raises(ValueError, match="the day after the last"):
        flywheel_lake.table("events", dates=("2026-01-05", "2026-01-05"))
    with pytest.raises(ValueError, match="not partitioned"):
        flywheel_lake.table("run_manifest", dates=("2026-01-05", "2026-01-06"))
    with pytest.raises(LookupError, match="no name of a table"):
        flywheel_lake.table("../raw")
    monkeypatch.delenv("FLYWHEEL_LAKE")
    with pytest.raises(LookupError, match="make demo"):
        flywheel_lake.table("events")


# Where the lake is.


def test_a_folder_lies_below_the_working_folder_or_else_below_the_repository(tmp_path, monkeypatch):
    monkeypatch.setattr(flywheel_lake, "REPOSITORY", tmp_path)
    (tmp_path / "demo/lake").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv("FLYWHEEL_LAKE", "demo/lake/")
    monkeypatch.chdir(tmp_path / "notebooks")
    assert flywheel_lake.lake() == str(tmp_path / "demo/lake")
    (tmp_path / "notebooks/demo/lake").mkdir(parents=True)
    assert flywheel_lake.lake() == str(tmp_path / "notebooks/demo/lake")
    monkeypatch.setenv("FLYWHEEL_LAKE", "nowhere/lake")
    assert flywheel_lake.lake() == str(tmp_path / "notebooks/nowhere/lake")


@pytest.mark.parametrize("given", ["s3a://bucket/lake", "s3://bucket", "/srv/lake"])
def test_what_has_a_scheme_or_is_absolute_stays(given, monkeypatch):
    monkeypatch.setenv("FLYWHEEL_LAKE", given)
    assert flywheel_lake.lake() == given


# Views.


def views():
    sql = (ROOT / "notebooks/views.sql").read_text()
    return re.findall(r"CREATE OR REPLACE VIEW (\w+)", sql)


def test_every_table_has_its_view_and_every_view_answers():
    assert set(views()) > set(TABLES)
    connection = flywheel_lake.duckdb_connection()
    for view in views():
        assert connection.sql(f"SELECT * FROM {view} LIMIT 1").fetchall(), view


def test_the_estimates_of_the_eval_set_stand_for_all_responses():
    connection = flywheel_lake.duckdb_connection()
    estimates = connection.sql("SELECT * FROM eval_set_estimates").df()
    responses = flywheel_lake.table("quality_labels").groupby("event_date").size()
    assert estimates["stands_for"].round(6).tolist() == responses.tolist()
    weighted = (estimates["mean_p_good"] * estimates["stands_for"]).sum() / responses.sum()
    assert weighted == pytest.approx(
        flywheel_lake.table("quality_labels")["p_good"].mean(), abs=0.1
    )


def test_a_source_agrees_with_another_as_often_as_the_other_with_it():
    agreement = flywheel_lake.duckdb_connection().sql("SELECT * FROM source_agreement").df()
    there = agreement.set_index(["source", "other"])["agreement"]
    back = agreement.set_index(["other", "source"])["agreement"]
    assert there.sort_index().to_list() == back.sort_index().to_list()


@pytest.fixture
def another(tmp_path, monkeypatch):
    """A lake without tables, and a DuckDB that has not been opened."""
    monkeypatch.setattr(flywheel_lake, "_connection", None)
    monkeypatch.setattr(flywheel_lake, "_missing", {})
    monkeypatch.setenv("FLYWHEEL_LAKE", str(tmp_path))
    (tmp_path / "tables").mkdir()
    return tmp_path


def test_views_of_tables_that_are_not_there_are_left_out_and_named_when_asked_for(another):
    left_out = {"failure_issues", "failure_reports"}
    for name in set(TABLES) - left_out:
        (another / "tables" / name).symlink_to(LAKE / "tables" / name)
    # Of a write that has not been committed, there is a folder.
    (another / "tables/failure_issues").mkdir()
    assert len(flywheel_lake.sql("SELECT * FROM quality_by_day")) > 0
    made = flywheel_lake.sql("SELECT view_name FROM duckdb_views() WHERE NOT internal")
    assert set(views()) - set(made["view_name"]) == left_out | {"open_issues"}
    for asked, table in [("failure_issues", "failure_issues"), ("open_issues", "failure_reports")]:
        with pytest.raises(LookupError, match=f"has no table '{table}'"):
            flywheel_lake.sql(f"SELECT * FROM {asked}")


def test_a_lake_without_tables_is_said_to_have_none_every_time(another):
    for _ in range(2):
        with pytest.raises(LookupError, match=f"The lake {another} has no tables"):
            flywheel_lake.duckdb_connection()
    for name in TABLES:
        (another / "tables" / name).symlink_to(LAKE / "tables" / name)
    assert len(flywheel_lake.sql("SELECT * FROM open_issues")) > 0


# Object storage.

STORE = {
    "AWS_ACCESS_KEY_ID": "test-access-key",
    "AWS_SECRET_ACCESS_KEY": "test-'secret'-key",
    "AWS_REGION": "us-east-1",
}


def set_store(monkeypatch, **values):
    for name in (*STORE, "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_credentials_of_the_environment_become_a_secret(monkeypatch):
    set_store(monkeypatch, **STORE, AWS_SESSION_TOKEN="t")
    assert flywheel_lake._s3_secret() == (
        "CREATE SECRET lake (TYPE s3, KEY_ID ?, SECRET ?, SESSION_TOKEN ?, REGION ?)",
        ["test-access-key", "test-'secret'-key", "t", "us-east-1"],
    )
    set_store(monkeypatch, AWS_ENDPOINT_URL="https://s3.example.com/")
    assert flywheel_lake._s3_secret() == (
        "CREATE SECRET lake (TYPE s3, ENDPOINT ?, USE_SSL ?, URL_STYLE ?)",
        ["s3.example.com", True, "path"],
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """The S3 server of the Java tests, with the lake in a bucket; its address."""
    folder = tmp_path_factory.mktemp("s3")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shutil.copytree(LAKE, folder / "buckets/company/lake")
    (folder / "s3proxy.properties").write_text(
        f"s3proxy.endpoint=http://127.0.0.1:{port}\n"
        "s3proxy.authorization=aws-v2-or-v4\n"
        f"s3proxy.identity={STORE['AWS_ACCESS_KEY_ID']}\n"
        f"s3proxy.credential={STORE['AWS_SECRET_ACCESS_KEY']}\n"
        "jclouds.provider=filesystem-nio2\n"
        f"jclouds.filesystem.basedir={folder}/buckets\n"
    )
    classpath = (ROOT / "s3-server/target/classpath.txt").read_text().strip()
    java = (
        pathlib.Path(os.environ["JAVA_HOME"], "bin/java") if "JAVA_HOME" in os.environ else "java"
    )
    command = [java, "-Xmx256m", "-cp", classpath, "org.gaul.s3proxy.Main"]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [*command, "--properties", folder / "s3proxy.properties"],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        end = time.monotonic() + 120
        while not listens(port):
            assert server.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < end, (folder / "log").read_text()
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_lake_on_an_object_store_opens_with_the_credentials_of_the_environment(
    store, monkeypatch
):
    expected = len(flywheel_lake.table("quality_labels"))
    monkeypatch.setattr(flywheel_lake, "_connection", None)
    # delta-rs and Polars ask for leave to go without TLS.
    set_store(monkeypatch, **STORE, AWS_ENDPOINT_URL=store, AWS_ALLOW_HTTP="true")
    monkeypatch.setenv("FLYWHEEL_LAKE", "s3a://company/lake")
    assert len(flywheel_lake.table("quality_labels")) == expected
    assert flywheel_lake.table("quality_labels", using="polars").collect().height == expected
    assert len(flywheel_lake.table("quality_labels", using="duckdb").fetchall()) == expected
    [rows] = flywheel_lake.sql("SELECT count(*) AS n FROM quality_labels")["n"]
    assert rows == expected


# Text of users.


def redaction_cases():
    """The cases of RedactionTest.java: text and what is to become of it."""
    java = (ROOT / "jobs/src/test/java/dev/flywheel/text/RedactionTest.java").read_text()
    java = re.sub(r"\\u([0-9A-F]{4})", lambda found: chr(int(found[1], 16)), java)
    blocks = re.findall(r'textBlock =\n\s+"""\n(.*?)"""', java, re.DOTALL)
    cases = [
        tuple(part.strip() for part in line.split(" | "))
        for block in blocks
        for line in block.split("\n")
        if " | " in line
    ]
    stays = re.search(r"strings = \{\n(.*?)\n\s+\}\)\s+void ordinaryTextStays", java, re.DOTALL)[1]
    return cases + [(text, text) for text in re.findall(r'^\s+"(.*)",?$', stays, re.MULTILINE)]


@pytest.mark.parametrize(("text", "clean"), redaction_cases())
def test_redaction_is_that_of_the_report(text, clean):
    assert flywheel_lake.redacted(text) == clean


def test_there_are_as_many_rules_as_in_java():
    java = (ROOT / "jobs/src/main/java/dev/flywheel/text/Redaction.java").read_text()
    # The first takes out what hides an address, which the helper does for every character unseen.
    assert len(flywheel_lake._RULES) == len(re.findall(r"Rule\.of\(", java)) - 1
    assert len(redaction_cases()) > 30


def test_an_excerpt_is_redacted_then_cut_and_cannot_steer_the_display():
    assert flywheel_lake.excerpt(None) is None
    long = flywheel_lake.excerpt("word " * 100 + "a@b.example")
    assert len(long) <= flywheel_lake.LONGEST_EXCERPT + 1
    assert long.endswith("word…")
    assert flywheel_lake.excerpt("x" * 295 + " a@b.example").endswith("[ema…")
    assert flywheel_lake.excerpt("a\u202eb\x07c\nd") == "abc\nd"
    assert flywheel_lake.excerpt("\u0646\u200c\u0627@halden.example") == "[email]"
    assert flywheel_lake.excerpt("a@halden\r\nexample\f.org") == "a@halden\nexample\n.org"


SHOWN = pd.Timestamp("2026-01-05T10:00:00Z")
ISSUE = {
    "distinct_users": 4,
    "exemplar_keys": [
        {"tenant_id": "t", "interaction_id": one, "shown_at": SHOWN.to_pydatetime()}
        for one in ("i1", "i2", "i3", "i4")
    ],
}
INTERACTIONS = pd.DataFrame(
    {
        "tenant_id": "t",
        "interaction_id": ["i1", "i2", "i3", "i4", "i5"],
        "shown_at": SHOWN,
        "prompt": "write to a@b.example",
        "response": None,
        "model": "m",
    }
)


def test_examples_need_enough_users():
    assert flywheel_lake.examples(ISSUE, INTERACTIONS).empty
    assert len(flywheel_lake.examples(ISSUE | {"distinct_users": 5}, INTERACTIONS)) == 3
    assert flywheel_lake.examples(ISSUE, INTERACTIONS, min_users=5).empty


def test_examples_are_redacted():
    shown = flywheel_lake.examples(ISSUE, INTERACTIONS, min_users=4)
    assert set(shown["prompt"]) == {"write to [email]"}
    assert shown["response"].isna().all()


def test_examples_are_no_other_responses_of_the_same_name():
    other = INTERACTIONS.assign(tenant_id="other", prompt="of another tenant")
    again = INTERACTIONS.assign(shown_at=SHOWN + pd.Timedelta("1s"), prompt="of another moment")
    shown = flywheel_lake.examples(ISSUE, pd.concat([other, again, INTERACTIONS]), min_users=4)
    assert list(shown["prompt"]) == ["write to [email]"] * 3


def test_an_issue_whose_examples_are_not_known_has_none():
    for unknown in (None, float("nan")):
        issue = ISSUE | {"exemplar_keys": unknown}
        assert flywheel_lake.examples(issue, INTERACTIONS, min_users=4).empty


def test_examples_of_a_lake_are_found():
    issues = flywheel_lake.table("failure_issues")
    issue = issues[issues["exemplars"].map(len) > 0].iloc[-1]
    found = flywheel_lake.examples(issue, flywheel_lake.table("interactions"))
    assert len(found) == min(flywheel_lake.EXAMPLES, len(issue["exemplars"]))


def test_wilson_is_that_of_the_tables():
    for row in flywheel_lake.table("quality_trends").head(20).itertuples():
        found = flywheel_lake.wilson(row.good, row.responses)
        assert found == pytest.approx((row.ci_lower, row.ci_upper), abs=1e-9)
    assert flywheel_lake.wilson(0, 0) == (0.0, 1.0)
