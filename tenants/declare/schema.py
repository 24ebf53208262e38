"""The shape of the tenants file: what its JSON Schema says, and what a file is held to.

A member that is not in the file is not in ``model_fields_set``: it keeps its stored value. The
defaults here are those of a new tenant. What the texts mean is looked at by `tenants.spec_check`.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.json_schema import GenerateJsonSchema

from tenantauth.limit import CountBy, Mode, OnOutage
from tenantauth.policy import (
    DEFAULT_ALLOW_HEADERS,
    DEFAULT_GUARD,
    DEFAULT_MAX_AGE_S,
    DEFAULT_METHODS,
)
from tenantauth.slugs import SLUG
from tenantauth.units import format_duration, parse_duration
from tenants.keys import ALGORITHMS, DEFAULT_ALGORITHM
from tenants.lifetimes import Lifetimes
from tenants.values import IssuerSpec, LimitSpec

VERSION = 1

# Promised names: a file that uses them is told so, and not that they are unknown.
LATER = frozenset({"sign_in", "sessions", "revocation_outage", "legacy"})

_USUAL = Lifetimes()
_LIMIT = LimitSpec("", "")
_ISSUER = IssuerSpec("")


def seconds(text: str) -> int:
    """Return the whole seconds of a duration.

    Raises:
        ValueError: when it is none, or has a fraction.
    """
    parsed = parse_duration(text)
    if parsed != int(parsed):
        raise ValueError(f"{text!r} is not in whole seconds")
    return int(parsed)


def _duration(text: str) -> str:
    seconds(text)
    return text


def _scalar(value: object) -> object:
    if not isinstance(value, str | int | bool):
        raise ValueError("expected a text, a number or true and false")
    if isinstance(value, int) and abs(value) >= 10**19:
        raise ValueError("the number has more than 19 digits")
    return value


_DURATION = "^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$"
Duration = Annotated[
    str,
    AfterValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": _DURATION, "examples": ["15m", "12h", "30d"]}),
]
Claim = Annotated[
    Any, AfterValidator(_scalar), WithJsonSchema({"type": ["string", "integer", "boolean"]})
]


def _shows(text: str) -> Any:  # noqa: ANN401  (as pydantic's own Field)
    return Field(description=text)


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Tokens(_Part):
    """What tokens are signed with, and how long things last."""

    algorithm: Annotated[str, WithJsonSchema({"type": "string", "enum": list(ALGORITHMS)})] = (
        DEFAULT_ALGORITHM
    )
    access_ttl: Duration = format_duration(_USUAL.access_ttl_s)
    max_ttl: Annotated[Duration, _shows("A token with a longer life (exp - iat) is refused.")] = (
        format_duration(_USUAL.max_ttl_s)
    )
    leeway: Duration = format_duration(_USUAL.leeway_s)
    rotate_every: Duration = format_duration(_USUAL.rotate_every_s)
    publish_ahead: Duration = format_duration(_USUAL.publish_ahead_s)


class Cors(_Part):
    """Who may read answers below one path; the longest prefix that matches wins."""

    path: str = "/"
    origins: Annotated[
        list[str], _shows("A * in a host is exactly one label; [*] only without credentials.")
    ] = []
    methods: list[str] = list(DEFAULT_METHODS)
    allow_headers: list[str] = list(DEFAULT_ALLOW_HEADERS)
    expose_headers: list[str] = []
    credentials: bool = False
    max_age: Duration = format_duration(DEFAULT_MAX_AGE_S)
    private_network: Annotated[
        bool, _shows("Pages of the internet may reach this server in a private network.")
    ] = False


class Limit(_Part):
    """One rate limit. With a burst: GCRA; without: never more than the rate in any window."""

    name: str
    rate: Annotated[str, Field(examples=["100/minute", "100/15 minutes"])]
    by: CountBy = _LIMIT.by
    burst: int | None = None
    paths: Annotated[list[str], _shows("Prefixes by whole segments; none is all.")] = []
    methods: Annotated[list[str], _shows("None is all.")] = []
    cost: int = _LIMIT.cost
    mode: Mode = _LIMIT.mode
    on_outage: OnOutage = _LIMIT.on_outage


class Role(_Part):
    """What holders of a role may do; it has all of the roles that it inherits."""

    inherits: list[str] = []
    permissions: list[str] = []


class TrustedIssuer(_Part):
    """An issuer outside whose tokens are accepted; its keys by address, or here."""

    issuer: str
    jwks_uri: str | None = None
    jwks: Annotated[dict[str, Any] | None, _shows("A JSON Web Key Set, RFC 7517.")] = None
    audience: list[str] = []
    algorithms: list[str] = list(_ISSUER.algorithms)
    typ: list[str] = list(_ISSUER.typ)
    match: Annotated[dict[str, Claim], _shows("Claims that must be equal.")] = {}
    subject_claim: str = _ISSUER.subject_claim
    subject_prefix: str = _ISSUER.subject_prefix
    roles_claim: Annotated[str | None, _shows("A dotted path.")] = None
    role_map: dict[str, str] = {}
    requires_any_role: Annotated[
        list[str], _shows("Of these the mapped identity must hold one; none asks for none.")
    ] = []


class Tenant(_Part):
    """One tenant. A member that is left out keeps its stored value, or its default when new."""

    slug: Annotated[
        str, Field(examples=["acme"], json_schema_extra={"pattern": f"^{SLUG.pattern}$"})
    ]
    name: Annotated[str, _shows("The name for people; the slug of a new tenant.")] = ""
    status: Literal["active", "suspended"] = "active"
    tier: str | None = None
    metadata: Annotated[dict[str, str], _shows("Texts that are handed to the app.")] = {}
    guard: Annotated[
        str, _shows("Failures per address before its tokens are looked at no more.")
    ] = str(DEFAULT_GUARD)
    hosts: Annotated[list[str], _shows("Unique over all tenants.")] = []
    issuer: Annotated[str, _shows("Unique over all tenants; the own origin of a new tenant.")] = ""
    audience: Annotated[list[str], _shows("The issuer of a new tenant.")] = []
    tokens: Tokens = Tokens()
    cors: list[Cors] = []
    limits: list[Limit] = []
    roles: dict[str, Role] = {}
    trusted_issuers: list[TrustedIssuer] = []


class Tier(_Part):
    """A named set of limits; a tenant's own limit of the same name stands in its place."""

    limits: list[Limit]


class TenantsFile(_Part):
    """A tenants file, version 1."""

    version: Literal[1]
    tiers: dict[str, Tier] = {}
    tenants: list[Tenant] = []


class _Schema(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: object) -> bool:
        """Leave out titles, which repeat the names of members."""
        return False


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the tenants file."""
    schema = TenantsFile.model_json_schema(schema_generator=_Schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:tenantauth:tenants-file:1",
        **schema,
    }
