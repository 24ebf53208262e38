"""What is wrong with a trusted issuer as an operator writes it: a sentence each, all at once."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from tenantauth.hosts import is_loopback
from tenantauth.settings import Settings
from tenants.addresses import MAX_URL, issuer_problems
from tenants.values import IssuerSpec

# None with a secret that both sides hold, and not `none`: whoever verifies could sign as well.
ALGORITHMS = ("ES256", "ES384", "RS256", "PS256", "EdDSA", "Ed25519")
_TYPES = ("at+jwt", "JWT")
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_URL = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+", re.ASCII)  # RFC 3986, no fragment
_DOTTED = re.compile(r"(?:[^.\\]|\\.)+(?:\.(?:[^.\\]|\\.)+)*")
_MOST_KEYS = 100
_MOST_TEXT = 200


def problems_of_issuer(spec: IssuerSpec, settings: Settings) -> Iterator[str]:
    """Yield everything in one trusted issuer that cannot work."""
    yield from issuer_problems(spec.issuer, allow_http=settings.allow_http)
    yield from _keys(spec)
    if not spec.audience:
        yield "needs an audience: without one, tokens for anybody would pass"
    for audience in spec.audience:
        yield from _text("audience", audience, MAX_URL)
    yield from _known("algorithm", spec.algorithms, ALGORITHMS)
    yield from _known("typ", spec.typ, _TYPES)
    yield from _mapping(spec)


def _keys(spec: IssuerSpec) -> Iterator[str]:
    if (spec.jwks_uri is None) == (spec.jwks is None):
        yield "needs either jwks_uri or jwks"
    if spec.jwks_uri is not None:
        yield from _jwks_uri(spec.jwks_uri)
    if spec.jwks is not None:
        yield from _jwks(spec.jwks)


def _jwks_uri(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url if _URL.fullmatch(url) and len(url) <= MAX_URL else "")
        host = parts.hostname if parts.port != 0 and "@" not in parts.netloc else None
    except ValueError:
        host = None
    if not host:
        yield f"jwks_uri {url[:80]!r} is not a URL with a host, without user and fragment"
    elif not url.startswith("https:") and not (url.startswith("http:") and is_loopback(host)):
        yield f"jwks_uri {url!r} must be https outside loopback"


def _jwks(jwks: Mapping[str, object]) -> Iterator[str]:
    keys = jwks.get("keys")
    if not isinstance(keys, list) or not 1 <= len(keys) <= _MOST_KEYS:
        yield f"jwks is not a key set with 1 to {_MOST_KEYS} keys"
        return
    for at, key in enumerate(keys):
        name = key.get("kid") if isinstance(key, Mapping) else None
        if not isinstance(key, Mapping) or not isinstance(name, str) or not name:
            yield f"key {at} of jwks has no kid"
        elif not _PRIVATE.isdisjoint(key) or key.get("kty") == "oct":
            # Its other members are not repeated: they may be the secret.
            yield f"key {name[:80]!r} of jwks is private; give the public half"


def _mapping(spec: IssuerSpec) -> Iterator[str]:
    if (spec.roles_claim is None) != (not spec.role_map):
        yield "roles_claim and role_map are given together or not at all"
    if spec.subject_prefix:
        yield from _text("subject_prefix", spec.subject_prefix)
    paths = [("subject_claim", spec.subject_claim), *(("match", path) for path in spec.match)]
    if spec.roles_claim is not None:
        paths.append(("roles_claim", spec.roles_claim))
    for what, path in paths:
        yield from _text(what, path)
        if not _DOTTED.fullmatch(path):
            yield f"{what} {path[:80]!r} is not a dotted path (write a\\.b for a dot in a name)"
    for path, value in spec.match.items():
        if not _is_scalar(value):
            yield f"match {path[:80]!r} is no text, number, true or false"
    for theirs, ours in spec.role_map.items():
        yield from _text("role", theirs)
        yield from _text(f"role of ours for {theirs[:80]!r}", ours)


def _known(what: str, given: Iterable[str], known: tuple[str, ...]) -> Iterator[str]:
    given = tuple(given)
    if not given:
        yield f"needs at least one {what}"
    for name in given:
        if name not in known:
            yield f"{what} {name[:80]!r} is not one of: {', '.join(known)}"


def _text(what: str, text: str, most: int = _MOST_TEXT) -> Iterator[str]:
    if not 1 <= len(text) <= most or not text.isprintable():
        yield f"{what} {text[:80]!r} is not 1 to {most} printable characters"


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))
