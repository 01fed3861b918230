"""Every notebook runs to its end on a lake, becomes a page that opens without a network, and shows
no text of users but what the report would show.
"""

import copy
import datetime as dt
import html
import os
import pathlib
import re
import shutil
import subprocess

import flywheel_lake
import jupytext
import nbconvert
import nbformat
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from nbclient import NotebookClient

HERE = pathlib.Path(__file__).parents[1]
OUTPUT = pathlib.Path(os.environ["FLYWHEEL_NOTEBOOK_OUTPUT"])
NOTEBOOKS = sorted(path.stem for path in HERE.glob("[0-9]*.py"))

# Formulas, widgets and diagrams, of which there are none, would be fetched.
NO_NETWORK = dict.fromkeys(("mathjax_url", "require_js_url", "jquery_url", "mermaid_js_url"), "")


@pytest.fixture(scope="module")
def executed():
    """Executes a notebook once; returns it, and leaves it and its page in the output folder."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    done = {}

    def execute(name):
        if name not in done:
            notebook = jupytext.read(HERE / f"{name}.py")
            run(notebook)
            nbformat.write(notebook, OUTPUT / f"{name}.ipynb")
            page, _ = nbconvert.HTMLExporter(
                exclude_input_prompt=True, exclude_output_prompt=True, **NO_NETWORK
            ).from_notebook_node(notebook)
            (OUTPUT / f"{name}.html").write_text(page)
            done[name] = notebook
        return done[name]

    return execute


def run(notebook):
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": HERE}}
    ).execute()


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def test_these_are_the_notebooks():
    assert [name[:2] for name in NOTEBOOKS] == ["01", "02", "03", "04", "05"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_it_runs_and_has_a_chart_and_says_nothing_to_the_error_stream(name, executed):
    notebook = executed(name)
    charts = [o for o in outputs(notebook) if "image/svg+xml" in o.get("data", {})]
    assert charts
    for chart in charts:
        assert "NaN" not in chart["data"]["image/svg+xml"]
    said = [o["text"] for o in outputs(notebook) if o.get("name") == "stderr"]
    assert said == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_no_outputs_are_committed_and_the_source_is_jupytext(name):
    source = (HERE / f"{name}.py").read_text()
    assert "format_name: percent" in source
    assert not list(HERE.glob("*.ipynb"))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_it_shows_no_text_but_examples_of_issues_with_enough_users(name, executed):
    shown = "\n".join(
        str(content) for o in outputs(executed(name)) for content in o.get("data", {}).values()
    ) + "".join(o.get("text", "") for o in outputs(executed(name)))
    plain = html.unescape(one_line(re.sub(r"<[^>]+>", " ", shown)))
    allowed = texts_that_may_be_shown()
    for text in texts_of_users():
        # Made-up texts repeat one another.
        if not any(text in may_be_shown for may_be_shown in allowed):
            assert text not in plain


def texts_of_users():
    rows = flywheel_lake.table("interactions")
    texts = [rows[column].dropna() for column in ("prompt", "response", "final_text", "comment")]
    return {opening(text) for column in texts for text in column} - {None}


def texts_that_may_be_shown():
    issues = flywheel_lake.table("failure_issues")
    issues = issues[issues["distinct_users"] >= flywheel_lake.MIN_DISTINCT_USERS]
    keys = {key for _, issue in issues.iterrows() for key in flywheel_lake.exemplar_keys(issue)}
    rows = flywheel_lake.table("interactions")
    of_rows = rows[flywheel_lake.RESPONSE_KEY].itertuples(index=False, name=None)
    rows = rows[[key in keys for key in of_rows]]
    return {one_line(text) for text in [*rows["prompt"].dropna(), *rows["response"].dropna()]}


def opening(text):
    """The start of a text that is long enough to be somebody's own."""
    words = one_line(text)
    return words[:40] if len(words) >= 25 else None


def one_line(text):
    return re.sub(r"\s+", " ", text).strip()


def said_by(name, more=""):
    """What a notebook prints, with a cell more at its end."""
    notebook = jupytext.read(HERE / f"{name}.py")
    notebook.cells.append(nbformat.v4.new_code_cell(more))
    run(notebook)
    return notebook, "".join(o["text"] for o in outputs(notebook) if o.get("name") == "stdout")


def test_an_issue_of_few_users_has_no_examples(monkeypatch):
    monkeypatch.setenv("FLYWHEEL_MIN_DISTINCT_USERS", "100000")
    notebook, said = said_by("05_one_failure_issue")
    assert "no examples below 100000 different users" in said
    last = str(outputs(notebook)[-1]["data"])
    assert "<td" not in last


@pytest.fixture
def changed(tmp_path, monkeypatch):
    """Makes a lake of which some tables are copies, to be changed, the one that is opened."""

    def copied(*names):
        (tmp_path / "tables").mkdir()
        for table in pathlib.Path(flywheel_lake.lake(), "tables").iterdir():
            copy = tmp_path / "tables" / table.name
            if table.name in names:
                shutil.copytree(table, copy)
            else:
                copy.symlink_to(table.resolve())
        monkeypatch.setenv("FLYWHEEL_LAKE", str(tmp_path))
        return [DeltaTable(flywheel_lake.path(name)) for name in names]

    return copied


def test_a_day_without_open_issues_says_so(changed):
    newest = flywheel_lake.table("quality_trends")["event_date"].max()
    for table in changed("failure_reports", "failure_issues"):
        table.delete(f"event_date = '{newest}'")
    more = "from flywheel_lake import sql; print('open:', len(sql('SELECT * FROM open_issues')))"
    _, said = said_by("05_one_failure_issue", more)
    assert f"No issue is open on {newest}. What follows has nothing to show." in said
    assert "open: 0" in said


def test_labels_by_vote_are_not_taken_apart(changed):
    (models,) = changed("label_models")
    models.update(updates={"method": "'majority_vote'"})
    _, said = said_by("03_what_a_label_is_made_of")
    assert said == "No label of this lake is a sum of evidence.\n"


def test_segments_that_are_not_known_and_retired_records_do_not_disturb(changed):
    interactions, records = changed("interactions", "eval_dataset_records")
    interactions.update(predicate="language = 'en'", updates={"language": "NULL"})
    retired = "retired_in_version IS NOT NULL"
    records.update(predicate=retired, updates={"split": "'another'"})
    more = "print(shares.groupby(['column', 'in'])['share'].sum().round(9).eq(1).all())"
    _, said = said_by("04_eval_set_against_traffic", more)
    assert said.endswith("True\n")


def test_a_night_run_twice_and_the_runs_of_other_commands_do_not_lengthen_its_bar(changed):
    (manifest,) = changed("run_manifest")
    runs = manifest.to_pyarrow_table().sort_by("started_at").to_pylist()
    repeated, upkeep = copy.deepcopy(runs[0]), copy.deepcopy(runs[0])
    repeated |= {"run_id": "repeated", "started_at": runs[-1]["started_at"] + dt.timedelta(hours=1)}
    for stage in repeated["stages"]:
        stage["duration_ms"] = 5000
    upkeep |= {"run_id": "upkeep", "command": "maintain", "stages": upkeep["stages"][:1]}
    upkeep["stages"][0]["stage"] = "maintain"
    added = pa.Table.from_pylist([upkeep, repeated], schema=manifest.to_pyarrow_table().schema)
    write_deltalake(manifest, added, mode="append")
    more = (
        "print(set(stages['stage']) == set(order), stages.groupby(['night', 'stage']).size().max(),"
        f" set(stages.loc[stages['interval_from'] == '{runs[0]['interval_from']}', 'seconds']))"
    )
    _, said = said_by("01_open_a_lake", more)
    assert said.endswith("True 1 {5.0}\n")


def test_a_lake_without_segments_to_compare_says_so(changed):
    (trends,) = changed("quality_trends")
    trends.delete("dimension <> 'all'")
    _, said = said_by("02_quality_over_time")
    assert said == 2 * "No dimension has two segments of 30 responses and 5 users.\n"


def test_the_commands_of_the_page_execute_a_notebook(tmp_path):
    page = (HERE.parent / "docs/operations.md").read_text().split("## From notebooks")[1]
    commands = re.search(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[1]
    shutil.copytree(HERE, tmp_path / "notebooks")
    for name in ("tests-python", ".venv"):
        (tmp_path / name).symlink_to(HERE.parent / name)
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo/lake").symlink_to(pathlib.Path(flywheel_lake.lake()).resolve())
    ended = subprocess.run(
        ["bash", "-ec", commands],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    [made] = (tmp_path / "demo").glob("*.ipynb")
    assert "Where the time of a night goes" in made.read_text()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_its_page_opens_without_a_network(name, executed):
    executed(name)
    page = (OUTPUT / f"{name}.html").read_text()
    loads = r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"'](?!data:)[^\"'#]+"
    assert re.findall(loads, page) == []
