"""A target at tenants files: YAML and JSON of whoever may open a pull request."""

import json

from benchmarks.fuzzing.target import Target, encoded
from tenants.declare.declared import read_declared
from tenants.declare.findings import FindingsError
from tenants.declare.members import default, wanted
from tenants.declare.text import from_bytes

_SMALL = """\
version: 1
tiers:
  small: {limits: [{name: user, rate: 100/minute, by: subject}]}
tenants:
  - slug: acme
    tier: small
    hosts: [acme.test]
    cors: [{path: /api, origins: ["https://app.acme.test"], credentials: true, max_age: 10m}]
    limits: [{name: login, rate: 5/minute, by: address, paths: [/auth]}]
    roles: {viewer: {permissions: ["reports:read"]}}
    trusted_issuers:
      - {issuer: "https://login.test", jwks_uri: "https://login.test/jwks", audience: [a]}
"""
_JSON = {"version": 1, "tenants": [{"slug": "acme", "hosts": ["acme.test"], "roles": {"a": {}}}]}


def _read(data: bytes) -> None:
    try:
        declared = read_declared(from_bytes("<stdin>", data))
        declared.refuse()
    except FindingsError as error:
        _check(error)
        return
    for tenant in declared.tenants.values():
        assert wanted(tenant, default(tenant.slug)).slug == tenant.slug


def _check(error: FindingsError) -> None:
    assert error.findings
    assert all(each.id.startswith("TA") and each.line >= 0 for each in error.findings)


TARGETS = (
    Target(
        "file",
        _read,
        encoded(
            *(_SMALL, json.dumps(_JSON), "version: 1\ntenants: []\n", '{"version": 1}', "", "[]"),
            "version: 1\ntenants: [&a {slug: acme}, *a]\n",
            "version: 1\ntenants: [{<<: {slug: a}}]\n",
            "a: &a [1]\nb: &b [*a, *a]\nc: &c [*b, *b]\nversion: 1\n",
            "version: 1\n---\nversion: 1\n",
            'tenants: [{slug: !!python/object:os.system "x"}]\n',
        ),
        encoded(
            *("version", "tenants", "tiers", "slug", "hosts", "cors", "limits", "roles", "rate"),
            *("&a", "*a", "<<:", "!!python/name:os", "---", "...", "? ", "|", ">", "#", "~", "\t"),
            *('{"', '":', "[", "]", "{", "}", "- ", ": ", "\n  ", "\ufeff", "\x00", "1e999"),
        ),
    ),
)
