import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.cli import AppGroup, ScriptInfo

from tenants.cli import cli
from tests.tenants.cli.kit import Run

APP = """
from flask import Flask
from tenantauth.flask import TenantAuth, limit, public, require

app = Flask(__name__, static_folder=None)
auth = TenantAuth(app)

@app.get("/reports")
{reports}
def reports():
    raise AssertionError("no request is served")

@app.get("/prices")
@public
@limit("5/minute", by="address")
def prices():
    raise AssertionError("no request is served")

def wsgi(environ, start_response):
    raise AssertionError("no request is served")
"""

HIDDEN = """
@public
@lambda view: lambda: view()
@require(roles="analyst")
"""


@pytest.fixture
def write(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Write an app whose reports are marked so; return how it is named."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    written: list[str] = []

    def write(reports: str) -> str:
        name = f"routes_{folder.name.replace('-', '_')}_{len(written)}"
        (folder / f"{name}.py").write_text(APP.format(reports=reports))
        written.append(name)
        return f"{name}:app"

    return write


Write = Callable[[str], str]


def test_every_route_is_listed_with_who_may_call_it(write: Write, run: Run) -> None:
    """Neither a database nor a key is opened, and no request is served."""
    shown = run("routes", "--app", write('@require(roles="analyst")'))
    assert (shown.status, shown.err) == (0, "")
    assert [line.split("  ")[0] for line in shown.out.splitlines()[2:]] == [
        "/healthz", "/prices", "/readyz", "/reports",
    ]  # fmt: skip
    assert "role analyst" in shown.out
    assert "5/minute by address" in shown.out


def test_a_table_leaves_out_methods_that_come_by_themselves(write: Write, run: Run) -> None:
    shown = run("routes", "--app", write(""))
    assert shown.out.splitlines()[-1].split()[:3] == ["/reports", "GET", "token"]


def test_without_an_app_it_is_the_token_service(run: Run) -> None:
    assert "/.well-known/jwks.json" in run("routes").out


def test_the_keys_of_the_json_form_are_stable(write: Write, run: Run) -> None:
    shown = run("routes", "--app", write("@public"), "--format", "json")
    assert list(json.loads(shown.out)[0]) == [
        "host", "path", "methods", "endpoint", "access", "requires", "limits", "limit_exempt",
        "behind",
    ]  # fmt: skip


def test_a_missing_lock_file_is_written(write: Write, run: Run, folder: Path) -> None:
    locked = run("routes", "--app", write(""), "--lock", "routes.lock")
    assert (locked.status, locked.out) == (0, "routes.lock: wrote 4 routes\n")
    assert [each["path"] for each in json.loads(Path("routes.lock").read_text())["routes"]] == [
        "/healthz", "/prices", "/readyz", "/reports",
    ]  # fmt: skip


def test_the_same_routes_are_as_agreed(write: Write, run: Run) -> None:
    lock = ("routes", "--app", write(""), "--lock", "routes.lock")
    run(*lock)
    again = run(*lock)
    assert (again.status, again.out) == (0, "routes.lock: 4 routes, as agreed\n")


@pytest.mark.parametrize(
    ("mark", "line"),
    [
        ("@public", "was open to role analyst, now to public"),
        ("", "no longer requires role analyst"),
        ("@require(scopes='read')", "no longer requires role analyst"),
    ],
    ids=["public", "nothing", "something else"],
)
def test_a_route_opened_by_mistake_fails(write: Write, run: Run, mark: str, line: str) -> None:
    run("routes", "--app", write('@require(roles="analyst")'), "--lock", "routes.lock")
    before = Path("routes.lock").read_text()
    locked = run("routes", "--app", write(mark), "--lock", "routes.lock")
    assert (locked.status, locked.out) == (1, "")
    assert locked.err == f"error: GET,HEAD,OPTIONS /reports {line}\n"
    assert Path("routes.lock").read_text() == before


def test_a_stricter_route_passes_and_the_file_is_out_of_date(write: Write, run: Run) -> None:
    run("routes", "--app", write("@public"), "--lock", "routes.lock")
    locked = run("routes", "--app", write(""), "--lock", "routes.lock")
    assert locked.status == 0
    assert "out of date" in locked.out


def test_an_update_agrees_to_what_is(write: Write, run: Run) -> None:
    run("routes", "--app", write(""), "--lock", "routes.lock")
    opened = write("@public")
    assert run("routes", "--app", opened, "--lock", "routes.lock", "--update").status == 0
    assert run("routes", "--app", opened, "--lock", "routes.lock").status == 0


@pytest.mark.parametrize(
    "arguments", [("--update",), ("--app", "nothing")], ids=["update alone", "no name"]
)
def test_wrong_usage_is_status_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("routes", *arguments).status == 2


@pytest.mark.parametrize("text", ["", "{}", "\udcff"], ids=["empty", "another", "no text"])
def test_a_file_that_is_no_lock_file_is_refused_with_its_name(
    write: Write, run: Run, text: str
) -> None:
    Path("routes.lock").write_bytes(text.encode(errors="surrogateescape"))
    locked = run("routes", "--app", write(""), "--lock", "routes.lock")
    assert locked.status == 1
    assert locked.err.startswith("error: routes.lock: ")
    assert locked.err.count("\n") == 1


def test_a_folder_that_is_not_there_is_refused(write: Write, run: Run) -> None:
    locked = run("routes", "--app", write(""), "--lock", "nowhere/routes.lock")
    assert locked.status == 1
    assert locked.err == "error: nowhere/routes.lock: No such file or directory\n"


def test_marks_that_contradict_each_other_are_not_agreed_to(write: Write, run: Run) -> None:
    locked = run(
        "routes",
        *("--app", write('@auth.mark("reports", public) or require(roles="a")')),
        *("--lock", "routes.lock"),
    )
    assert (locked.status, Path("routes.lock").exists()) == (1, False)
    problem = "a view cannot be marked open and require something of its caller"
    assert locked.err == f"error: /reports: {problem}\n"


def test_an_open_mark_above_a_hidden_requirement_is_told(write: Write, run: Run) -> None:
    """Threat 55: the route lets nobody in, and why is said beside the table."""
    shown = run("routes", "--app", write(HIDDEN))
    assert shown.status == 0
    assert shown.out.splitlines()[-1].split()[:3] == ["/reports", "GET", "broken"]
    assert shown.err.startswith("warning: /reports: a view cannot be marked open and hold routes_")
    assert shown.err.count("\n") == 1


def test_another_wsgi_app_has_no_routes_to_read(write: Write, run: Run) -> None:
    shown = run("routes", "--app", write("").replace(":app", ":wsgi"))
    assert (shown.status, "is no Flask app" in shown.err) == (1, True)


def test_under_the_flask_command_it_is_that_app(folder: Path) -> None:
    app = Flask("flasks_own", static_folder=None, root_path=str(folder))
    app.add_url_rule("/own", "own", lambda: "own")
    group = AppGroup("flask", commands={"tenantauth": cli})
    result = app.test_cli_runner().invoke(
        group, ["tenantauth", "routes"], obj=ScriptInfo(create_app=lambda: app)
    )
    assert "/own" in result.output
