import json
import re
import sys
from pathlib import Path

import pytest

from tenantauth.defaults import default_layers
from tenantauth.errors import CODES
from tests.tenants.cli.kit import Run


def test_layers_are_numbered_in_order(run: Run) -> None:
    listed = json.loads(run("stack", "--format", "json").out)
    assert [(layer["position"], layer["name"]) for layer in listed] == list(
        enumerate((layer.name for layer in default_layers()), 1)
    )


def test_what_a_layer_requires_is_provided_above_it(run: Run) -> None:
    provided: set[str] = set()
    for layer in json.loads(run("stack", "--format", "json").out):
        assert set(layer["requires"]) <= provided
        provided |= set(layer["provides"])


def test_refusals_are_those_of_the_catalogue(run: Run) -> None:
    listed = json.loads(run("stack", "--format", "json").out)
    refuses = {layer["name"]: layer["refuses"] for layer in listed}
    assert {code for codes in refuses.values() for code in codes} <= CODES.keys()
    assert (refuses["guard"], refuses["cors"]) == (["rate_limited"], [])


APPS = """
from flask import Flask
from tenantauth import Stack, default_layers
from tenantauth.flask import TenantAuth
from tenantauth.testing import FakePolicySource

class Own:
    name, requires, provides = "own", frozenset(), frozenset()

    def admit(self, context):
        raise AssertionError("no request is served")

source, layers = FakePolicySource(), [*default_layers(), Own()]
extended, plain = Flask("extended"), Flask("plain")
TenantAuth(extended, registry=source, layers=layers)
stacked = Stack(lambda environ, start_response: [], layers, resolve=None, source=source)
"""
DEFAULT = [layer.name for layer in default_layers()]


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("extended", [*DEFAULT[:-1], "attributes", DEFAULT[-1], "own"]),
        ("plain", [*DEFAULT[:-1], "attributes", DEFAULT[-1]]),
        ("stacked", [*DEFAULT, "own"]),
    ],
)
def test_the_layers_of_an_app_are_those_that_it_has(
    name: str, layers: list[str], run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A layer of one's own need not tell its refusals."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    module = "stack_" + re.sub(r"\W", "_", folder.name)
    (folder / f"{module}.py").write_text(APPS)
    shown = run("stack", "--app", f"{module}:{name}", "--format", "json")
    assert [layer["name"] for layer in json.loads(shown.out)] == layers


def test_a_table_needs_neither_database_nor_key(run: Run) -> None:
    shown = run("stack")
    assert (shown.status, shown.err) == (0, "")
    assert "rate_limit" in shown.out
