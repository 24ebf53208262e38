import inspect
import re
from typing import Any

import pytest
from flask import Flask
from flask_cors import CORS

from tenantauth.errors import SettingsError
from tenantauth.flask.cors_advice import in_place_of_decorator, in_place_of_extension
from tenantauth.flask.flask_cors import FlaskCors

APP = "https://app.acme.test"


def written(config: dict[str, Any], **keywords: Any) -> str:
    app = Flask("shop")
    app.config.update(config)
    CORS(app, **keywords)
    (function,) = app.after_request_funcs[None]
    return in_place_of_extension(inspect.getclosurevars(function).nonlocals)


@pytest.mark.parametrize(
    ("keywords", "said"),
    [
        ({}, "origins='*'"),
        ({"origins": [APP], "supports_credentials": True, "max_age": 60}, f"origins='{APP}', max"),
        ({"origins": APP, "methods": ["PUT", "get"]}, "methods=['PUT', 'GET']"),
        ({"resources": [r"/a/*", r"/b/*"]}, "resources=['/a/*', '/b/*'], origins='*'"),
        (
            {"resources": {"/a/*": {"origins": APP}, "/b/*": {}}},
            f"{{'/a/*': {{'origins': '{APP}'}}",
        ),
        ({"origins": re.compile("https://x.*")}, "origins='https://x.*'"),
    ],
    ids=str,
)
def test_the_keywords_of_the_extension_are_written_again(
    keywords: dict[str, Any], said: str
) -> None:
    line = written({}, **keywords)
    assert line.startswith("remove it, and write TenantAuth(app, cors=FlaskCors(")
    assert said in line


def test_settings_of_the_app_are_among_the_keywords() -> None:
    assert "max_age=7" in written({"CORS_MAX_AGE": 7}, origins=APP)


@pytest.mark.parametrize(
    "keywords",
    [
        {"origins": [APP, "https://*.a.test"], "max_age": "60"},
        {
            "resources": r"/a/*",
            "origins": APP,
            "allow_headers": ["X-A"],
            "expose_headers": ["A", "B"],
        },
        {"resources": {r"/a/.*": {"origins": APP}, "*": {"origins": "*"}}},
    ],
    ids=str,
)
def test_what_is_written_means_the_same(keywords: dict[str, Any]) -> None:
    line = written({}, **keywords).removeprefix("remove it, and write TenantAuth(app, cors=")
    proposed = eval(line.removesuffix(")"), {"FlaskCors": FlaskCors})  # noqa: S307  # our own
    app = Flask("shop")
    assert {*proposed.rules(app)} == {*FlaskCors(**keywords).rules(app)}


def test_what_cannot_be_kept_is_refused_when_it_is_pasted() -> None:
    """Threat 64: the proposal opens nothing that the options did not."""
    line = written({}, origins="*", supports_credentials=True)
    assert line.endswith("FlaskCors(origins='*', supports_credentials=True))")
    with pytest.raises(SettingsError):
        FlaskCors(origins="*", supports_credentials=True).rules(Flask("shop"))


def test_a_flask_cors_that_keeps_nothing_leaves_the_keywords_to_the_reader() -> None:
    assert in_place_of_extension({}).endswith("cors=FlaskCors(…))")


@pytest.mark.parametrize(
    ("options", "replacement"),
    [
        ({}, "remove it; origins"),
        ({"origins": "*"}, "remove it; origins"),
        ({"methods": ["PUT"], "max_age": 5, "origins": APP}, "@cors(methods=['PUT'], max_age=5);"),
        ({"expose_headers": ["ETag"]}, "@cors(expose_headers=['ETag']);"),
        ({"max_age": "600"}, "@cors(max_age=600);"),
        ({"methods": "get,POST"}, "@cors(methods=['get', 'POST']);"),
        ({"expose_headers": None, "max_age": None}, "remove it; origins"),
        ({"allow_headers": "*", "max_age": 5}, "@cors(allow_headers=…, max_age=5);"),
        ({"allow_headers": [r"X-.*"], "methods": 5}, "@cors(methods=…, allow_headers=…);"),
        ({"allow_headers": 5}, "@cors(allow_headers=…);"),
        ({"max_age": -1}, "@cors(max_age=…);"),
        ({"allow_headers": "X-A, X-B"}, "@cors(allow_headers=['Authorization', 'X-A', 'X-B']);"),
        ({"allow_headers": ["authorization"]}, "@cors(allow_headers=['authorization']);"),
    ],
    ids=str,
)
def test_a_decorators_options_are_written_as_the_mark(
    options: dict[str, Any], replacement: str
) -> None:
    assert replacement in in_place_of_decorator(options, "/", "required")


def test_no_token_needs_no_field_for_one() -> None:
    advice = in_place_of_decorator({"origins": APP, "allow_headers": ["X-A"]}, "/", "ignored")
    assert "@cors(allow_headers=['X-A']);" in advice


@pytest.mark.parametrize(
    ("path", "options", "replacement"),
    [
        ("/feed", {}, "remove it, and give /feed a rule with origins '*'; origins"),
        ("/f/<int:id>", {"origins": ["*"]}, "remove it, and give /f a rule with origins"),
        ("/<name>", {"max_age": 5}, "give / a rule with origins '*' if any page may read every"),
        ("/feed", {"origins": APP}, "remove it; origins"),
        ("/feed", {"supports_credentials": True}, "remove it; origins"),
    ],
)
@pytest.mark.parametrize("authentication", ["optional", "ignored"])
def test_an_open_view_keeps_its_pages(
    path: str, options: dict[str, Any], replacement: str, authentication: Any
) -> None:
    """Threat 64: and `*` is proposed for no wider path without saying so."""
    assert replacement in in_place_of_decorator(options, path, authentication)
