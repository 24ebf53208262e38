import pytest

from tenantauth.errors import SettingProblem, SettingsError
from tenantauth.outbound.networks import NamedNetwork
from tenantauth.settings import Settings

SECRET = "hunter2"


def read(**values: object) -> Settings:
    return Settings.from_mapping({f"TENANTAUTH_{name}": value for name, value in values.items()})


def problems(**values: object) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read(**values)
    return caught.value.problems


def test_without_any_setting_the_defaults_hold() -> None:
    settings = Settings.from_mapping({})
    assert settings == Settings()
    assert settings.database_url == "sqlite:///tenantauth.db"
    assert settings.base_host == "localhost"
    assert not settings.allow_http


def test_every_setting_is_read() -> None:
    assert read(
        DATABASE_URL="postgresql+psycopg://db/x",
        STATE_URL="redis://cache:6379/1",
        MASTER_KEY_FILE="/run/key",
        MASTER_KEY="k1:AAAA",
        BASE_URL="https://api.example.test",
        RESOLVE="host",
        TRUSTED_PROXIES="2",
        TRUSTED_HOST_PROXIES="1",
        STALENESS="500ms",
        LOG_FORMAT="json",
        ERROR_FORMAT="problem",
        ALLOW_HTTP="1",
        ISSUER_NETWORKS="10.2.0.0/16, [::1]:9400",
    ) == Settings(
        database_url="postgresql+psycopg://db/x",
        state_url="redis://cache:6379/1",
        master_key_file="/run/key",
        master_key="k1:AAAA",
        base_url="https://api.example.test",
        trusted_proxies=2,
        trusted_host_proxies=1,
        staleness_s=0.5,
        log_format="json",
        allow_http=True,
        issuer_networks=(NamedNetwork.parse("10.2.0.0/16"), NamedNetwork.parse("[::1]:9400")),
    )


def test_values_of_an_app_may_be_numbers_and_booleans() -> None:
    settings = read(TRUSTED_PROXIES=1, ALLOW_HTTP=True)
    assert (settings.trusted_proxies, settings.allow_http) == (1, True)


@pytest.mark.parametrize("nothing", ["", None])
def test_an_empty_value_is_the_default(nothing: object) -> None:
    assert read(STALENESS=nothing, BASE_URL=nothing, MASTER_KEY=nothing) == Settings()


@pytest.mark.parametrize(
    ("text", "flag"),
    [("1", True), ("TRUE", True), ("yes", True), ("on", True), ("0", False), ("False", False)],
)
def test_a_flag_is_read_in_its_usual_words(text: str, *, flag: bool) -> None:
    assert read(ALLOW_HTTP=text).allow_http is flag


def test_all_problems_are_reported_at_once() -> None:
    found = problems(
        STATE_URL="memcached://cache",
        BASE_URL="example",
        RESOLVE="dns",
        TRUSTED_PROXIES="many",
        STALENESS="2",
        LOG_FORMAT="xml",
        ALLOW_HTTP="perhaps",
    )
    assert [problem.partition(":")[0].removeprefix("TENANTAUTH_") for problem in found] == [
        "STATE_URL",
        "BASE_URL",
        "RESOLVE",
        "TRUSTED_PROXIES",
        "STALENESS",
        "LOG_FORMAT",
        "ALLOW_HTTP",
    ]


def test_the_text_of_the_error_holds_every_problem_in_one_line() -> None:
    with pytest.raises(SettingsError) as caught:
        read(STALENESS="2", ALLOW_HTTP="perhaps\n")
    assert "STALENESS" in str(caught.value)
    assert "ALLOW_HTTP" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "17"),
        ("TRUSTED_PROXIES", "1.0"),
        ("TRUSTED_PROXIES", "\u0663"),
        ("TRUSTED_PROXIES", "\u00b2"),
        ("TRUSTED_PROXIES", True),
        ("TRUSTED_HOST_PROXIES", " 1"),
        ("STALENESS", "99ms"),
        ("STALENESS", "61s"),
        ("STALENESS", "0s"),
        ("STALENESS", "999999999d"),
        ("LOG_FORMAT", "JSON"),
        ("ERROR_FORMAT", "html"),
        ("RESOLVE", "host,"),
        ("RESOLVE", "host,host"),
        ("RESOLVE", "HOST"),
        ("RESOLVE", "header"),
        ("ALLOW_HTTP", "2"),
        ("STATE_URL", "memory"),
    ],
)
def test_a_bad_value_is_one_problem_that_names_its_setting(name: str, value: object) -> None:
    (problem,) = problems(**{name: value})
    assert problem.startswith(f"TENANTAUTH_{name}: ")


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("host", False),
        ("host, path", False),
        ("path,host", True),
        ("issuer,path", True),
        ("issuer", False),
    ],
)
def test_the_order_of_ways_says_where_tenants_live(text: str, *, paths: bool) -> None:
    settings = read(RESOLVE=text)
    assert settings.resolve == tuple(text.replace(" ", "").split(","))
    assert settings.lives_at_paths is paths


def test_a_header_names_tenants_behind_a_proxy_only() -> None:
    """Threat 46."""
    (problem,) = problems(RESOLVE="host,header", TRUSTED_PROXIES="0")
    assert "TENANTAUTH_TRUSTED_PROXIES" in problem
    assert read(RESOLVE="host,header", TRUSTED_PROXIES="1").resolve == ("host", "header")


def test_a_number_too_long_to_convert_is_an_ordinary_problem() -> None:
    (problem,) = problems(TRUSTED_PROXIES="1" * 5000)
    assert "is not a number of proxies" in problem


@pytest.mark.parametrize(
    ("text", "base_url", "base_host"),
    [
        ("https://api.example.test/", "https://api.example.test", "api.example.test"),
        ("https://API.Example.test.:443", "https://api.example.test", "api.example.test"),
        ("http://localhost:8000", "http://localhost:8000", "localhost"),
        ("https://bücher.test:8443", "https://xn--bcher-kva.test:8443", "xn--bcher-kva.test"),
        ("http://[0:0::1]:8000", "http://[::1]:8000", "[::1]"),
    ],
)
def test_the_base_url_is_kept_as_a_canonical_origin(
    text: str, base_url: str, base_host: str
) -> None:
    settings = read(BASE_URL=text)
    assert (settings.base_url, settings.base_host) == (base_url, base_host)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("api.example.test", id="no-scheme"),
        pytest.param("ftp://api.example.test", id="scheme"),
        pytest.param("https://", id="no-host"),
        pytest.param("https://api.example.test/v1", id="path"),
        pytest.param("https://api.example.test?x", id="query"),
        pytest.param("https://api.example.test#x", id="fragment"),
        pytest.param("https://api.example.test//", id="two-slashes"),
        pytest.param("https://api.example.test:0", id="port-zero"),
        pytest.param("https://api.example.test:99999", id="port-too-large"),
        pytest.param("https://api.example.test:", id="empty-port"),
        pytest.param("https://api.example.test\n", id="newline"),
        pytest.param("ht\ntps://api.example.test", id="inner-newline"),
        pytest.param("https://*.example.test", id="wildcard"),
        pytest.param("https://[::1", id="open-bracket"),
        pytest.param("https://\u2100.test", id="account-of"),
        pytest.param("https://\ud800", id="surrogate"),
    ],
)
def test_a_base_url_that_is_no_origin_is_a_problem(text: str) -> None:
    (problem,) = problems(BASE_URL=text)
    assert problem == "TENANTAUTH_BASE_URL: not an origin (write https://api.example.com)"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STATE_URL", f"redis://:{SECRET}@cache:0"),
        ("BASE_URL", f"https://me:{SECRET}@api.example.test"),
    ],
)
def test_a_problem_never_repeats_a_url_that_may_hold_a_password(name: str, value: str) -> None:
    """Threat 106: secrets stay out of error texts."""
    with pytest.raises(SettingsError) as caught:
        read(**{name: value})
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value)


def test_the_problems_of_other_settings_repeat_no_secret() -> None:
    found = problems(
        DATABASE_URL=f"postgresql://me:{SECRET}@db/x", MASTER_KEY=f"k1:{SECRET}", STALENESS="2"
    )
    assert SECRET not in "".join(found)


def test_the_repr_of_settings_shows_no_secret() -> None:
    """Threat 106."""
    settings = read(
        DATABASE_URL=f"postgresql://me:{SECRET}@db/x",
        STATE_URL=f"redis://:{SECRET}@cache",
        MASTER_KEY=f"k1:{SECRET}",
        MASTERKEY=SECRET,
    )
    assert settings.master_key == f"k1:{SECRET}"
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("STALENES", "TENANTAUTH_STALENESS"),
        ("DATABASEURL", "TENANTAUTH_DATABASE_URL"),
        ("MASTER_KEYFILE", "TENANTAUTH_MASTER_KEY_FILE"),
        ("TRUSTED_PROXY", "TENANTAUTH_TRUSTED_PROXIES"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest_one(name: str, near: str) -> None:
    (problem,) = read(**{name: "x"}).unknown
    assert str(problem) == f"TENANTAUTH_{name}: no such setting; did you mean {near}?"


def test_an_unknown_name_near_to_none_is_told_alone() -> None:
    assert read(XYZZY="x").unknown == (SettingProblem("TENANTAUTH_XYZZY", "no such setting"),)


@pytest.mark.parametrize(
    "name", ["PORT", "PORT_80_TCP", "PORTS", "SERVICE_HOST", "SERVICE_PORT_HTTP"]
)
def test_names_made_by_orchestrators_are_ignored(name: str) -> None:
    assert read(**{name: "tcp://10.0.0.1:80"}).unknown == ()


def test_names_of_others_are_ignored() -> None:
    values = {"SECRET_KEY": "x", "tenantauth_staleness": "x", "STALENESS": "x", "TENANTAUTH": "x"}
    assert Settings.from_mapping(values) == Settings()


def test_the_environment_is_read_and_the_app_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENANTAUTH_STALENESS", "5s")
    monkeypatch.setenv("TENANTAUTH_LOG_FORMAT", "json")
    settings = Settings.from_environ({"TENANTAUTH_STALENESS": "7s"})
    assert (settings.staleness_s, settings.log_format) == (7.0, "json")
    assert Settings.from_environ().staleness_s == 5.0


def test_a_setting_that_is_no_text_is_a_problem_that_does_not_show_it() -> None:
    assert problems(DATABASE_URL=["postgresql://u:secret@h/db"]) == (
        "TENANTAUTH_DATABASE_URL: write it as a text",
    )


@pytest.mark.parametrize(("given", "staleness_s"), [(None, 5.0), ("", 2.0)])
def test_an_app_leaves_the_environment_by_none_and_the_default_by_an_empty_text(
    given: object, staleness_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANTAUTH_STALENESS", "5s")
    assert Settings.from_environ({"TENANTAUTH_STALENESS": given}).staleness_s == staleness_s
