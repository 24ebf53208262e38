import re
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
from flask import Flask
from flask_cors.core import CONFIG_OPTIONS, CorsOptionsInput

from tenantauth.errors import SettingsError
from tenantauth.flask.flask_cors import FlaskCors, default_rules
from tenantauth.origins import OriginSet
from tenantauth.policy import DEFAULT_ALLOW_HEADERS, CorsRule

APP = "https://app.test"


def rules(config: dict[str, Any] | None = None, **options: Any) -> tuple[CorsRule, ...]:
    """Read keywords as ``CORS(app, …)`` would; ``origins`` is one page unless said."""
    app = Flask("shop")
    app.config.update(config or {})
    return FlaskCors(**options).rules(app)


def rule(**options: Any) -> CorsRule:
    (only,) = rules(**{"origins": APP, **options})
    return only


def test_keywords_become_a_rule_for_every_path() -> None:
    read = rule(
        methods=["GET", "put"],
        allow_headers=["X-Key"],
        expose_headers=["ETag", "X-Total"],
        supports_credentials=True,
        max_age=timedelta(minutes=5),
        allow_private_network=True,
    )
    assert read == CorsRule(
        OriginSet.parse([APP]),
        methods=("GET", "PUT"),
        allow_headers=("X-Key",),
        expose_headers=("ETag", "X-Total"),
        credentials=True,
        max_age_s=300,
        private_network=True,
    )


def test_what_is_not_said_allows_no_header_of_any_name() -> None:
    """Threat 64: Flask-CORS would take every header, and send no max-age."""
    read = rule()
    assert (read.allow_headers, read.max_age_s) == (DEFAULT_ALLOW_HEADERS, 600)
    assert read.methods == ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
    assert (read.credentials, read.private_network, read.expose_headers) == (False, False, ())


@pytest.mark.parametrize("given", [600, "600", timedelta(minutes=10)], ids=repr)
def test_a_max_age_is_read_in_each_of_its_forms(given: object) -> None:
    assert rule(max_age=given).max_age_s == 600


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        ("*", "/"),
        (r"/*", "/"),
        (r"/.*", "/"),
        (r".*", "/"),
        (r"/api/*", "/api"),
        (r"/api/.*", "/api"),
        (r"^/api/v1/.*$", "/api/v1"),
        (re.compile(r"/api/*"), "/api"),
    ],
)
def test_a_resource_that_is_a_prefix_is_the_path_of_a_rule(
    resource: str | re.Pattern[str], path: str
) -> None:
    assert rule(resources=resource).path == path
    assert rule(resources=[resource]).path == path
    assert rule(resources={resource: {}}).path == path


@pytest.mark.parametrize(
    ("resource", "hint"),
    [
        ("/login", "write r'/login/*'"),
        ("/", "write r'/*'"),
        (r"/api/*$", "write r'/api/*'"),
        (r"/api/v[12]/.*", "write r'/api/*'"),
        (r"/a(b|c)/*", "a rule is for a path and everything below it"),
        (r"/api/\d+", "write r'/api/*'"),
        (r"/../*", "segment"),
        (r"/admin.*", "write r'/admin/.*'"),
        (r"^/admin.*$", "write r'/admin/.*'"),
    ],
)
def test_a_resource_that_is_no_prefix_is_refused_with_its_replacement(
    resource: str, hint: str
) -> None:
    """Threat 64."""
    with pytest.raises(SettingsError, match=re.escape(hint)):
        rule(resources=resource)


@pytest.mark.parametrize("resource", ["", "api/*", r"/\d+", r"/[a-z]+/x", "/*.json"])
def test_no_wider_path_is_proposed_for_what_begins_with_none(resource: str) -> None:
    """Threat 64: who pastes what the error says would open every path."""
    with pytest.raises(SettingsError, match=r"everything below it$"):
        rule(resources=resource)


def test_resources_have_options_of_their_own() -> None:
    api, rest = rules(
        resources={r"/*": {"origins": "*"}, r"/api/.*": {"origins": APP, "max_age": 5}},
        supports_credentials=False,
    )
    assert (api.path, api.origins, api.max_age_s) == ("/api", OriginSet.parse([APP]), 5)
    assert (rest.path, rest.origins) == ("/", OriginSet.parse(["*"]))


def test_options_of_a_resource_are_read_from_any_mapping() -> None:
    """Threat 63: Flask-CORS would forget them, and take the wider ones of the keywords."""
    admin = MappingProxyType({"/admin/*": {"origins": "https://admin.test"}})
    assert rule(resources=admin).origins == OriginSet.parse(["https://admin.test"])


def test_all_that_is_wrong_is_said_at_once() -> None:
    wrong = {"supports_credentials": "false", "vary_header": False, "max_age": "10m"}
    with pytest.raises(SettingsError) as refused:
        rule(origins="null", resources=["/a", r"/b/*"], allow_headers="*", methods="*", **wrong)
    said = refused.value.problems
    assert len(said) == len(set(said)) == 7
    assert all(each.startswith("options of Flask-CORS: ") for each in said)


@pytest.mark.parametrize(
    ("origins", "allowed", "refused"),
    [
        ([APP, "http://localhost:3000"], "http://localhost:3000", "http://localhost:3001"),
        ("https://*.apps.test", "https://a.apps.test", "https://a.apps.test.evil.test"),
        ("https://App.Test", APP, "https://app.test.evil.test"),
    ],
)
def test_origins_are_exact_or_whole_labels(origins: Any, allowed: str, refused: str) -> None:
    """Threat 63: Flask-CORS would read a star as a regular expression without an end."""
    read = rule(origins=origins).origins
    assert (read.allows(allowed), read.allows(refused)) == (True, False)


@pytest.mark.parametrize("origins", ["*", ["*"], ".*", re.compile(".*")], ids=repr)
def test_every_origin_is_the_star(origins: Any) -> None:
    assert rule(origins=origins).origins == OriginSet.parse(["*"])


@pytest.mark.parametrize(
    ("origins", "hint"),
    [
        (r"https://.*\.apps\.test", "write https://*.apps.test"),
        (r"^https://[a-z0-9-]+\.apps\.test$", "write https://*.apps.test"),
        (re.compile(r"https://\w+\.apps\.test"), "write https://*.apps.test"),
        (
            r"https://(a|b)\.test",
            r"'https://(a|b)\\.test' is not an origin (write https://app.example.com)",
        ),
        (
            "https://app.test$",
            "'https://app.test$' is not an origin (write https://app.test)",
        ),
        ("https://app*.test", "whole label"),
        ("https://*.test", "a domain of its own"),
        ("https://app.test/", "is not an origin"),
        ("app.test", "is not an origin"),
        ("null", "is not an origin"),
        ("https://a.test,https://b.test", "is not an origin"),
        (["*", APP], "stands alone"),
    ],
    ids=repr,
)
def test_an_origin_that_is_none_is_refused_with_its_replacement(origins: Any, hint: str) -> None:
    """Threat 63, threat 64."""
    with pytest.raises(SettingsError, match=re.escape(hint)):
        rule(origins=origins)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"origins": "*", "supports_credentials": True}, "supports_credentials"),
        ({"origins": "*", "allow_private_network": True}, "private_network"),
        ({"vary_header": False}, "vary_header=False: a cache"),
        (
            {"automatic_options": False},
            "automatic_options=False: the stack answers every preflight",
        ),
        ({"intercept_exceptions": False}, "intercept_exceptions=False: pages can always read"),
        ({"allow_headers": "*"}, "list of names"),
        ({"allow_headers": ["X-Key", r"X-.*"]}, "list of names"),
        ({"expose_headers": "*"}, "not a method or header name"),
        ({"expose_headers": "X\r\nX-Evil: 1"}, "not a method or header name"),
        ({"methods": "*"}, "not a method or header name"),
        ({"max_age": "10m"}, "whole seconds"),
        ({"max_age": -1}, "whole seconds"),
        ({"max_age": True}, "whole seconds"),
        ({"max_age": False}, "whole seconds"),
        ({"max_age": 5.0}, "whole seconds"),
        ({"max_age": 86401}, "max_age"),
        ({"resources": {r"/api/*": {"origin": APP}}}, "there is no origin"),
        ({"supports_credential": True}, "there is no supports_credential"),
        ({"resources": [r"/api/*", r"/api/.*"]}, "share a path"),
        ({"resources": 5}, "resources is a text or a list of texts, not 5"),
        ({"resources": {5: {}}}, "resources is a text or a list of texts"),
        ({"resources": {"/api/.*": None}}, "'/api/.*': options are a dict, not None"),
        ({"resources": {"/api/.*": APP}}, f"'/api/.*': options are a dict, not '{APP}'"),
        ({"methods": ["GET", re.compile("PUT")]}, "methods is a text or a list of texts"),
        ({"allow_headers": re.compile("X-Key")}, "allow_headers is a text or a list of texts"),
    ],
    ids=str,
)
def test_an_option_that_is_not_safe_is_refused(options: dict[str, Any], said: str) -> None:
    """Threat 64, threat 65, threat 69, threat 71."""
    with pytest.raises(SettingsError, match=said):
        rule(**options)


@pytest.mark.parametrize("origins", ["", "https://a.test:*", r"https://(a|b)\.test", ".+", "app.*"])
def test_no_origin_is_proposed_for_what_means_none(origins: str) -> None:
    """Threat 63: who pastes what the error says would let others in."""
    with pytest.raises(SettingsError, match=r"is not an origin \(write https://app.example.com\)$"):
        rule(origins=origins)


@pytest.mark.parametrize("value", ["false", "true", 0, 1, None], ids=repr)
@pytest.mark.parametrize(
    "flag",
    [
        *("supports_credentials", "allow_private_network", "send_wildcard", "always_send"),
        *("vary_header", "automatic_options", "intercept_exceptions"),
    ],
)
def test_a_yes_or_no_is_no_text_and_no_number(flag: str, value: object) -> None:
    """Threat 64: Flask-CORS takes the text "false" for true."""
    with pytest.raises(SettingsError, match=f"{flag} is True or False, not {value!r}"):
        rule(**{flag: value})


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(None, id="nothing"),
        pytest.param(5, id="number"),
        pytest.param(b"GET", id="bytes"),
        pytest.param(["GET", 5], id="number-in-a-list"),
        pytest.param(iter(["GET"]), id="iterator"),
    ],
)
@pytest.mark.parametrize("option", ["origins", "methods", "allow_headers", "expose_headers"])
def test_names_are_a_text_or_a_list_of_texts(option: str, given: object) -> None:
    """Threat 64: of anything else, Flask-CORS would make names that nobody wrote."""
    with pytest.raises(SettingsError, match=f"{option} is a text or a list of texts"):
        rule(**{option: given})


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *[("send_wildcard", True), ("send_wildcard", False)],
        *[("always_send", True), ("always_send", False)],
        *[("vary_header", True), ("automatic_options", True), ("intercept_exceptions", True)],
        *[("supports_credentials", False), ("allow_private_network", False)],
    ],
)
def test_an_option_that_changes_nothing_here_is_read_over(option: str, value: bool) -> None:
    assert rule(**{option: value}) == rule()


def test_origins_have_to_be_said() -> None:
    """Threat 63: Flask-CORS takes silence for every page."""
    with pytest.raises(SettingsError, match="CORS_ORIGINS"):
        rules(supports_credentials=True)


def test_settings_of_the_app_fill_in_what_keywords_do_not_say() -> None:
    config = {"CORS_ORIGINS": [APP], "CORS_MAX_AGE": 5, "CORS_RESOURCES": r"/api/*"}
    (read,) = rules(config, max_age=6)
    assert (read.origins, read.max_age_s, read.path) == (OriginSet.parse([APP]), 6, "/api")


def app_with(**config: Any) -> Flask:
    app = Flask("shop")
    app.config.update(config)
    return app


def test_settings_by_themselves_are_the_default_rules() -> None:
    assert default_rules(app_with(CORS_ORIGINS=APP), None) == (rule(),)


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"CORS_MAX_AGE": 5, "CORS_ALLOW_HEADERS": "X-A"}, "CORS_ALLOW_HEADERS and CORS_MAX_AGE"),
        ({"CORS_MAX_AGE": 5}, "CORS_MAX_AGE"),
    ],
)
def test_settings_that_name_no_page_ask_for_the_keywords(config: Any, named: str) -> None:
    """Beside ``CORS(app, origins=…)``, nothing was missing."""
    with pytest.raises(SettingsError, match=rf"^{named} (is|are) set.*cors=FlaskCors\(…\)"):
        default_rules(app_with(**config), None)


def test_settings_by_path_name_their_pages() -> None:
    (read,) = default_rules(app_with(CORS_RESOURCES={r"/a/*": {"origins": APP}}), None)
    assert read.path == "/a"


def test_no_setting_is_no_default_rule() -> None:
    given = (CorsRule(OriginSet()),)
    assert default_rules(app_with(), None) == ()
    assert default_rules(app_with(), ()) == ()
    assert default_rules(app_with(), given) == given


def test_settings_beside_the_word_for_no_cors_are_an_error() -> None:
    """Threat 64: code that says no page may call is not overruled by a setting."""
    with pytest.raises(SettingsError, match="CORS_ORIGINS as well"):
        default_rules(app_with(CORS_ORIGINS=APP), ())


def test_settings_fill_in_keywords_of_flask_cors() -> None:
    assert default_rules(app_with(CORS_ORIGINS=APP), FlaskCors(max_age=600)) == (rule(),)


def test_settings_beside_rules_of_ours_are_an_error() -> None:
    """Threat 64: one of the two would be without effect."""
    given = (CorsRule(OriginSet()),)
    with pytest.raises(SettingsError, match="CORS_ORIGINS as well"):
        default_rules(app_with(CORS_ORIGINS=APP), given)


def test_every_option_of_flask_cors_is_decided_here() -> None:
    """A new release with a new option is noticed here, and has to be thought about."""
    decided = {
        *("origins", "methods", "allow_headers", "expose_headers", "supports_credentials"),
        *("max_age", "send_wildcard", "automatic_options", "vary_header", "resources"),
        *("intercept_exceptions", "always_send", "allow_private_network"),
    }
    assert decided == CorsOptionsInput.__optional_keys__
    assert {f"CORS_{name.upper()}" for name in decided} == set(CONFIG_OPTIONS)
