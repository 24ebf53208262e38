"""An issuer that a tenant trusts beside its own: whose tokens pass, and as whom."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType

from tenantauth.claim_path import ClaimPath
from tenantauth.hosts import is_loopback
from tenantauth.json_values import same_json
from tenantauth.keyring import KeyRing
from tenantauth.outbound.target import Target
from tenantauth.tokens.claim_values import MAX_TEXT_CHARS

Scalar = str | int | float | bool

# A list of what may pass, so that neither HMAC (the tenant would hold what signs) nor `none` can.
ALGORITHMS = frozenset({"ES256", "ES384", "RS256", "PS256", "EdDSA", "Ed25519"})
TYPES = frozenset({"at+jwt", "jwt"})


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    r"""What a token of this issuer must say, and how it becomes an identity of the tenant.

    Keys are given (``keys``) or published by the issuer (``jwks_uri``). ``typ`` may hold ``JWT``
    for providers that write it. Claims are named by dotted paths, a dot within a name as ``\.``.
    ``match`` holds claims that must be equal, by type and value.

    The subject is ``subject_prefix`` and the text of ``subject_claim``; without a prefix of its
    own an issuer has its name and ``|``. Roles are those that ``role_map`` knows, by its names for
    them, and no others; of ``requires_any_role``, when given, the mapped identity must hold one.

    Raises:
        ValueError: when a field cannot work.
    """

    issuer: str
    audience: frozenset[str]
    algorithms: frozenset[str]
    keys: KeyRing | None = None
    jwks_uri: str | None = None
    typ: frozenset[str] = frozenset({"at+jwt"})
    match: Mapping[str, Scalar] = field(default_factory=dict, hash=False)
    subject_claim: str = "sub"
    subject_prefix: str = ""
    roles_claim: str | None = None
    role_map: Mapping[str, str] = field(default_factory=dict, hash=False)
    requires_any_role: frozenset[str] = frozenset()
    subject_path: ClaimPath = field(init=False, repr=False, compare=False)
    roles_path: ClaimPath | None = field(init=False, repr=False, compare=False)
    match_paths: Mapping[ClaimPath, Scalar] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._check_trust()
        self._check_mapping()
        roles_path = None if self.roles_claim is None else ClaimPath.parse(self.roles_claim)
        match_paths = {ClaimPath.parse(path): value for path, value in self.match.items()}
        object.__setattr__(self, "typ", frozenset(typ.lower() for typ in self.typ))
        object.__setattr__(self, "match", MappingProxyType(dict(self.match)))
        object.__setattr__(self, "role_map", MappingProxyType(dict(self.role_map)))
        object.__setattr__(self, "subject_prefix", prefix_of(self.issuer, self.subject_prefix))
        object.__setattr__(self, "subject_path", ClaimPath.parse(self.subject_claim))
        object.__setattr__(self, "roles_path", roles_path)
        object.__setattr__(self, "match_paths", MappingProxyType(match_paths))

    @property
    def takes_plain_jwt(self) -> bool:
        """Tell whether tokens may call themselves JWT, as ID tokens do too."""
        return "jwt" in self.typ

    def matches(self, claims: Mapping[str, object]) -> bool:
        """Tell whether each claim of ``match`` is there, with the same type and value."""
        return all(same_json(path.find(claims), value) for path, value in self.match_paths.items())

    def overlaps(self, other: "TrustedIssuer") -> bool:
        """Tell whether one token could pass under both, at two tenants.

        It could unless issuer or audiences differ, or one claim must have two values. One whose
        ``aud`` lists audiences of both passes at both all the same: its issuer has meant both.
        """
        if self.issuer != other.issuer or self.audience.isdisjoint(other.audience):
            return False
        shared = self.match_paths.keys() & other.match_paths.keys()
        return all(same_json(self.match_paths[path], other.match_paths[path]) for path in shared)

    def _check_trust(self) -> None:
        _check_text("issuer", self.issuer)
        if not self.audience or "" in self.audience:
            raise ValueError("a trusted issuer needs at least one audience")
        if not self.algorithms or not self.algorithms <= ALGORITHMS:
            known = ", ".join(sorted(ALGORITHMS))
            raise ValueError(f"algorithms of a trusted issuer are some of: {known}")
        if not self.typ or not {typ.lower() for typ in self.typ} <= TYPES:
            raise ValueError("typ of a trusted issuer is at+jwt, JWT or both")
        if (self.keys is None) == (self.jwks_uri is None):
            raise ValueError("a trusted issuer has either keys or a jwks_uri")
        if self.jwks_uri is not None:
            _check_jwks_uri(self.jwks_uri)

    def _check_mapping(self) -> None:
        if self.subject_prefix:
            _check_text("subject_prefix", self.subject_prefix)
        for path, value in self.match.items():
            if not _is_scalar(value):
                raise ValueError(f"match: {path!r} must be a text, a number, true or false")
        if (self.roles_claim is None) != (not self.role_map):
            raise ValueError("roles_claim and role_map are given together or not at all")
        if not all(self.role_map.values()):
            raise ValueError("role_map leads to roles of the tenant, not to nothing")
        if self.requires_any_role and not self.role_map:
            raise ValueError("requires_any_role needs a role_map, or nobody could meet it")


def prefix_of(issuer: str, subject_prefix: str) -> str:
    """Return what the names of an issuer's callers begin with; without a prefix, its own name."""
    return subject_prefix or f"{issuer}|"


def check_beside(issuers: Iterable[TrustedIssuer], own_issuer: str) -> tuple[str, ...]:
    """Return the subject prefixes of all issuers that one tenant trusts.

    Raises:
        ValueError: when two are the same issuer, one is the tenant's own, or callers of two could
            have one name.
    """
    issuers = tuple(issuers)
    if len({own_issuer, *(each.issuer for each in issuers)}) <= len(issuers):
        raise ValueError("two issuers share a name")
    # Sorted, a prefix of any other stands right before one that it begins.
    prefixes = tuple(sorted(each.subject_prefix for each in issuers))
    if any(longer.startswith(shorter) for shorter, longer in pairwise(prefixes)):
        raise ValueError("the subject_prefix of one trusted issuer begins that of another")
    return prefixes


def _check_text(name: str, text: str) -> None:
    if not 1 <= len(text) <= MAX_TEXT_CHARS or not text.isprintable():
        raise ValueError(f"{name} is 1 to {MAX_TEXT_CHARS} printable characters")


def _check_jwks_uri(uri: str) -> None:
    try:
        target = Target.parse(uri)
    except ValueError as error:
        raise ValueError(f"jwks_uri: {error}") from None
    if not target.encrypted and not is_loopback(target.host):
        raise ValueError("jwks_uri begins with https:// (http:// on loopback only)")


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))
