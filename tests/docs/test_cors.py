"""The examples of docs/cors.md run as they stand, and its table knows every option."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask_cors.core import CorsOptionsInput

from tenantauth.flask.state import state_of
from tenantauth.layers.cors import Cors
from tenantauth.testing import make_policy
from tests.support import make_context

PAGE = (Path(__file__).parents[2] / "docs" / "cors.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
APP = "https://app.example.com"


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "cors_page"}
    for example in EXAMPLES:
        exec(compile(example, "cors.md", "exec"), names)  # noqa: S102  # the page is ours
    return names


@pytest.mark.parametrize(
    ("name", "path", "origin", "allowed"),
    [
        ("app", "/api/reports", APP, True),
        ("app", "/reports", APP, False),
        ("configured", "/reports", "https://a.apps.example.com", True),
        ("configured", "/reports", "https://a.apps.example.com.evil.test", False),
        ("internal", "/reports", APP, True),
    ],
)
def test_an_example_allows_whom_it_says(
    names: dict[str, Any], name: str, path: str, origin: str, allowed: bool
) -> None:
    layers = state_of(names[name]).stack.layers
    (cors,) = (layer for layer in layers if isinstance(layer, Cors))
    context = make_context(make_policy(), path=path, origin=origin)
    cors.admit(context)
    rule = context.cors_rule
    assert (rule is not None and rule.origins.allows(origin)) is allowed


@pytest.mark.parametrize("option", sorted(CorsOptionsInput.__optional_keys__))
def test_every_option_of_flask_cors_is_in_the_table(option: str) -> None:
    assert re.search(rf"^\| [^|]*`{option}\b", PAGE, re.MULTILINE)
