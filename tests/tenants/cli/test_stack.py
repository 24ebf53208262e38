import json

from tenantauth.defaults import default_layers
from tenantauth.errors import CODES
from tenants.cli.stack import REFUSALS
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


def test_refusals_are_those_of_the_catalogue() -> None:
    assert {code for codes in REFUSALS.values() for code in codes} <= CODES.keys()


def test_refusals_are_told_of_layers_that_there_are() -> None:
    assert REFUSALS.keys() <= {layer.name for layer in default_layers()}


def test_a_table_needs_neither_database_nor_key(run: Run) -> None:
    shown = run("stack")
    assert (shown.status, shown.err) == (0, "")
    assert "rate_limit" in shown.out
