"""The keys that a trusted issuer has now, each with everything that keeps it from being used."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from tenantauth.errors import FetchError, IssuerUnavailableError
from tenantauth.jwk import (
    MAX_KEYS,
    PRIVATE_MEMBERS,
    PUBLIC_ALGORITHMS,
    check_purpose,
    parse_members,
    read_jwk,
    read_jwks,
    read_kid,
)
from tenantauth.outbound.fetch import Fetcher
from tenantauth.tokens.key_set import KeySet
from tenants.values import IssuerSpec

_MAX_CHARS = 255
_TOLD = PRIVATE_MEMBERS | {"kid", "use", "key_ops"}


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """One key as its issuer writes it.

    ``algorithm`` is the one that its tokens must have; it is ``None`` for a key that is not used,
    for the ``problems``.
    """

    kid: str | None
    kty: str | None
    crv: str | None
    alg: str | None
    use: str | None
    algorithm: str | None
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IssuerKeys:
    """The keys of an issuer, as fetched from ``address`` now, or as they are given.

    ``max_age_s`` is what the server allows, ``fresh_for_s`` how long a worker keeps them without
    asking again. ``unread`` keys stand behind those that anybody looks at.
    """

    issuer: str
    keys: tuple[IssuerKey, ...]
    unread: int = 0
    address: str | None = None
    max_age_s: float | None = None
    fresh_for_s: float | None = None


def fetch_keys(spec: IssuerSpec, fetcher: Fetcher) -> IssuerKeys:
    """Return the keys of an issuer that a tenant trusts, from where a worker has them.

    Raises:
        IssuerUnavailableError: when they cannot be had, in a sentence.
    """
    if spec.jwks_uri is None:
        return IssuerKeys(spec.issuer, *_read(spec.jwks or {}, spec.algorithms))
    try:
        fetched = fetcher.fetch(spec.jwks_uri)
        kept = KeySet(fetched, fetched_at=0.0, jitter=0.0)
    except FetchError as error:
        raise IssuerUnavailableError(
            f"the keys of {spec.issuer} cannot be had from {spec.jwks_uri}: {error}"
        ) from None
    found = _read(parse_members(fetched.untrusted_body), spec.algorithms)
    ages = fetched.max_age_s, kept.expires_at
    return IssuerKeys(spec.issuer, *found, spec.jwks_uri, *ages)


def _read(
    untrusted: Mapping[str, object], algorithms: Collection[str]
) -> tuple[tuple[IssuerKey, ...], int]:
    used = {key.kid: key.algorithm for key in read_jwks(untrusted, algorithms=algorithms)[0]}
    entries = untrusted["keys"]
    if not isinstance(entries, list):  # It was one to the reader, which has the same document.
        raise TypeError("a key set has a list of keys")
    keys: list[IssuerKey] = []
    for entry in entries[:MAX_KEYS]:
        problems = [*dict.fromkeys(_problems(entry, algorithms))]
        kid = _text(entry, "kid")
        algorithm = None if problems or kid is None else used.pop(kid, None)
        if algorithm is None and not problems:
            problems = ["an earlier key of the set has the same kid"]
        keys.append(_key(entry, algorithm, tuple(problems)))
    return tuple(keys), max(0, len(entries) - MAX_KEYS)


def _key(untrusted: object, algorithm: str | None, problems: tuple[str, ...]) -> IssuerKey:
    kid, kty, crv, alg, use = (
        _text(untrusted, name) for name in ("kid", "kty", "crv", "alg", "use")
    )
    return IssuerKey(kid, kty, crv, alg, use, algorithm, problems)


def _problems(untrusted: object, algorithms: Collection[str]) -> Iterator[str]:
    """Yield every reason against a key; the reader, which needs only one, stops at the first."""
    try:
        read_jwk(untrusted, algorithms=algorithms)
    except ValueError as error:
        yield str(error)
    else:
        return
    if not isinstance(untrusted, Mapping):
        return
    yield from _reason(lambda: read_kid(untrusted))
    yield from _reason(lambda: check_purpose(untrusted, "verify"))
    if untrusted.get("kty") == "oct":
        return
    # Without what was told already, so that the reader comes to the rest.
    bare = {name: value for name, value in untrusted.items() if name not in _TOLD} | {"kid": "-"}
    yield from _reason(lambda: read_jwk(bare, algorithms=algorithms))
    if untrusted.get("alg") not in PUBLIC_ALGORITHMS:
        bare.pop("alg", None)
    yield from _reason(lambda: read_jwk(bare))


def _reason(read: Callable[[], object]) -> Iterator[str]:
    try:
        read()
    except ValueError as error:
        yield str(error)


def _text(untrusted: object, name: str) -> str | None:
    text = untrusted.get(name) if isinstance(untrusted, Mapping) else None
    return text if isinstance(text, str) and len(text) <= _MAX_CHARS else None
