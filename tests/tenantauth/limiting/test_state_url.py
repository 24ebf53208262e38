import pytest

from tenantauth.limiting.state_url import StateUrl

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("memory://", StateUrl("memory")),
        ("redis://cache", StateUrl("single", (("cache", 6379),))),
        ("redis://cache:7000/2", StateUrl("single", (("cache", 7000),), database=2)),
        ("valkey://cache/", StateUrl("single", (("cache", 6379),))),
        ("rediss://[::1]:7000", StateUrl("single", (("::1", 7000),), tls=True)),
        (
            f"rediss://me:{SECRET}@cache.example.test",
            StateUrl("single", (("cache.example.test", 6379),), "me", SECRET, tls=True),
        ),
        (
            "redis://:p%40ss%3A%2F@cache",
            StateUrl("single", (("cache", 6379),), password="p@ss:/"),
        ),
        ("redis+cluster://a:7000,b", StateUrl("cluster", (("a", 7000), ("b", 6379)))),
        (
            f"redis+sentinel://:{SECRET}@a,b:7000/counters",
            StateUrl("sentinel", (("a", 26379), ("b", 7000)), password=SECRET, service="counters"),
        ),
    ],
)
def test_a_url_is_read(text: str, url: StateUrl) -> None:
    assert StateUrl.parse(text) == url


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("memory", "not a state store"),
        ("http://cache", "not a state store"),
        ("REDIS://cache", "not a state store"),
        ("redis+unix:///run/redis.sock", "not a state store"),
        ("redis://", "a host that cannot be"),
        ("redis:///0", "a host that cannot be"),
        ("redis://cache?socket_timeout=60", "cannot be read"),
        ("redis://cache#x", "cannot be read"),
        ("redis://cache/0/1", "cannot be read"),
        ("redis://a@b@cache", "cannot be read"),
        ("redis://ca che", "cannot be read"),
        ("redis://cache\n", "cannot be read"),
        ("redis://cache:0", "a host that cannot be"),
        ("redis://cache:65536", "a host that cannot be"),
        ("redis://cache:\u0663", "a host that cannot be"),
        ("redis://cache..test", "a host that cannot be"),
        (f"redis://{'a' * 64}.test", "a host that cannot be"),
        ("redis://::1", "a host that cannot be"),
        ("redis://cache/one", "a database that is no number"),
        ("redis://a,b", "several hosts"),
        ("redis+cluster://a,,b", "a host that cannot be"),
        ("redis+cluster://a/1", "names a database"),
        ("redis+sentinel://a", "names no service"),
    ],
)
def test_a_url_that_cannot_work_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        StateUrl.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        f"redis://:{SECRET}@",
        f"redis://:{SECRET}#@cache",
        f"redis://:{SECRET}@cache:0",
        f"redis://:{SECRET}@cache/one",
        f"redis://:{SECRET}\ud800 @cache",
        f"redis+sentinel://:{SECRET}@cache",
        f"http://:{SECRET}@cache",
        f"redis:/{SECRET}",
    ],
)
def test_a_problem_never_repeats_a_password(text: str) -> None:
    """Threat 106."""
    with pytest.raises(ValueError, match=r".") as caught:
        StateUrl.parse(text)
    assert SECRET not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_the_repr_shows_no_password() -> None:
    """Threat 106."""
    assert SECRET not in repr(StateUrl.parse(f"redis://me:{SECRET}@cache"))
