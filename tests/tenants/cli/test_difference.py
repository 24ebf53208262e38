"""What a change has changed, in words."""

import pytest

from tenants.cli.difference import Members, difference_lines

RSA = {"kty": "RSA", "kid": "former", "alg": "RS256", "n": "AQAB" * 90, "e": "AQAB"}
EC = {"kty": "EC", "crv": "P-256"}


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ({"name": "a"}, {"name": "b"}, ["name: a → b"]),
        ({"tier": None}, {"tier": "gold"}, ["tier: none → gold"]),
        ({"hosts": ["a", "b"]}, {"hosts": ["b", "c"]}, ["hosts: - a", "hosts: + c"]),
        ({"hosts": ["a", "b"]}, {"hosts": ["b", "a"]}, ["hosts: a, b → b, a"]),
        (
            {"limits": [{"name": "user", "rate": "10/minute", "by": "subject"}]},
            {"limits": [{"name": "user", "rate": "20/minute", "by": "subject"}]},
            ["limits: user 10/minute → 20/minute"],
        ),
        (
            {"limits": [{"name": "a", "rate": "1/minute", "by": "tenant"}]},
            {"limits": [{"name": "b", "rate": "1/minute", "by": "tenant"}]},
            ["limits: - a 1/minute, by tenant", "limits: + b 1/minute, by tenant"],
        ),
        (
            {"cors": [{"path": "/", "origins": [], "credentials": False}]},
            {"cors": [{"path": "/", "origins": ["x"], "credentials": True}]},
            ["cors: / origins + x", "cors: / credentials false → true"],
        ),
        (
            {"limits": [{"name": "a"}, {"name": "b"}]},
            {"limits": [{"name": "b"}, {"name": "a"}]},
            ["limits: a, b → b, a"],
        ),
        ({"tokens": {"leeway": "30s"}}, {"tokens": {"leeway": "5s"}}, ["tokens: leeway 30s → 5s"]),
        ({"roles": {}}, {"roles": {"v": {"permissions": []}}}, ["roles: + v permissions none"]),
        (
            {"k1": "pending"},
            {"k1": "active", "k2": "pending"},
            ["k1: pending → active", "k2: none → pending"],
        ),
        ({"x": "***"}, {"x": "***"}, []),
        ({"metadata": {}}, {"metadata": {"a_secret": "7"}}, ["metadata: + a_secret ***"]),
        (
            {"limits": [{"name": "user", "rate": "9/minute", "burst": 5}]},
            {"limits": [{"name": "user", "rate": "9/minute"}]},
            ["limits: user burst 5 → none"],
        ),
        ({"odd": [[1], 2]}, {"odd": [{}, None]}, ["odd: 1, 2 → , none"]),
        (None, {"name": "a"}, []),
        (
            {"trusted_issuers": [{"issuer": "i", "typ": ["at+jwt"], "match": {"ok": "1"}}]},
            {"trusted_issuers": [{"issuer": "i", "typ": ["JWT"], "match": {"ok": True}}]},
            ["trusted_issuers: i typ at+jwt → JWT", "trusted_issuers: i match ok 1 → true"],
        ),
        (
            {"trusted_issuers": []},
            {"trusted_issuers": [{"issuer": "i", "jwks": {"keys": [RSA]}}]},
            ["trusted_issuers: + i keys former (RS256)"],
        ),
        (
            {"trusted_issuers": [{"issuer": "i", "jwks": {"keys": [RSA]}}]},
            {"trusted_issuers": [{"issuer": "i", "jwks": {"keys": [RSA, EC]}}]},
            ["trusted_issuers: i keys former (RS256) → former (RS256), without a kid (EC)"],
        ),
    ],
)
def test_differences_are_lines(
    before: Members | None, after: Members | None, lines: list[str]
) -> None:
    assert [*difference_lines(before, after)] == lines
