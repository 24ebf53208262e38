import re
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from flask_cors import CORS

from tenantauth.errors import SettingsError
from tenantauth.flask.flask_cors import FlaskCors
from tenantauth.flask.flask_cors_patterns import read_origins
from tenantauth.policy import CorsRule, covering_rule

APP = "https://app.test"


def rules(resources: Any) -> tuple[CorsRule, ...]:
    return FlaskCors(resources=resources).rules(Flask("shop"))


WIDE = r"/*", {"origins": "*"}
ADMIN = {"origins": "https://admin.test", "supports_credentials": True}


@pytest.mark.parametrize(
    ("resource", "own"),
    [
        pytest.param(r"/admin/*", ADMIN, id="origins"),
        pytest.param(re.compile(r"^/admin/*"), ADMIN, id="compiled"),
        pytest.param(r"/admin/*", {"origins": []}, id="nobody"),
        pytest.param(r"/admin/*", {"origins": "*", "methods": ["GET"]}, id="methods"),
    ],
)
def test_a_resource_is_refused_that_would_leave_paths_to_another(resource: Any, own: Any) -> None:
    """Threat 63: /admin-tools would become everybody's by moving to the stack."""
    with pytest.raises(SettingsError, match=re.escape("write r'/admin/.*'")):
        rules(dict([WIDE, (resource, own)]))


@pytest.mark.parametrize("own", [{"origins": "*"}, {"origins": "*", "max_age": 5}], ids=repr)
def test_a_resource_stands_beside_another_that_says_the_same(own: Any) -> None:
    read = rules(dict([WIDE, (r"/public/*", own), (r"/private/.*", ADMIN)]))
    assert [rule.path for rule in read] == ["/private", "/public", "/"]


PATHS = ["/", "/a", "/a/x", "/ab", "/a-b", "/a.json", "/ab/x", "/b/a"]


@pytest.mark.parametrize("narrow", [r"/a.*", r"/a/*", r"/a/.*", r"^/a/.*$", r"/a*", r"/a"])
@pytest.mark.parametrize("wide", [r"/*", r"/.*", "*"])
def test_no_page_may_call_what_it_could_not_with_flask_cors(narrow: str, wide: str) -> None:
    """Threat 63: Flask-CORS itself is asked, path by path; what differs has been refused."""
    resources: Any = {narrow: {"origins": APP}, wide: {"origins": "*"}}
    app = Flask("shop")
    CORS(app, resources=resources)
    with suppress(SettingsError):
        read, ask = rules(resources), app.test_client()
        for path in PATHS:
            answer = ask.get(path, headers={"Origin": "https://evil.test"}).headers
            found = covering_rule(read, path)
            allowed = found is not None and found.origins.allows("https://evil.test")
            assert allowed <= ("Access-Control-Allow-Origin" in answer), path


@pytest.mark.parametrize(
    ("origins", "hint"),
    [(r"https://.*\.apps\.test", "https://*.apps.test"), ("https://a.test/", "https://a.test")],
)
def test_one_origin_is_proposed_and_not_two(origins: str, hint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{hint})")) as refused:
        read_origins([origins])
    assert str(refused.value).count("(") == 1
