"""What is wrong with a trusted issuer as an operator writes it: a sentence each, all at once."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tenantauth.claim_path import ClaimPath
from tenantauth.hosts import is_loopback
from tenantauth.jwk import read_jwks
from tenantauth.outbound.target import Target
from tenantauth.settings import Settings
from tenantauth.trusted_issuer import ALGORITHMS, TYPES
from tenants.addresses import MAX_URL, issuer_problems
from tenants.parts import read_issuer
from tenants.values import IssuerSpec

_MOST_TEXT = 200


def problems_of_issuer(spec: IssuerSpec, settings: Settings) -> Iterator[str]:
    """Yield everything in one trusted issuer that cannot work."""
    found = [
        *issuer_problems(spec.issuer, allow_http=settings.allow_http),
        *_keys(spec),
        *_audience(spec),
        *_known("algorithm", spec.algorithms, sorted(ALGORITHMS)),
        *_known("typ", map(str.lower, spec.typ), sorted(TYPES)),
        *_mapping(spec),
    ]
    yield from found
    if not found:
        # Whatever else the request path would refuse, one at a time.
        try:
            read_issuer(spec)
        except ValueError as error:
            yield str(error)


def _audience(spec: IssuerSpec) -> Iterator[str]:
    if not spec.audience:
        yield "needs an audience: without one, tokens for anybody would pass"
    for audience in spec.audience:
        yield from _text("audience", audience, MAX_URL)


def _keys(spec: IssuerSpec) -> Iterator[str]:
    if (spec.jwks_uri is None) == (spec.jwks is None):
        yield "needs either jwks_uri or jwks"
    if spec.jwks_uri is not None:
        yield from _jwks_uri(spec.jwks_uri)
    if spec.jwks is not None:
        yield from _jwks(spec, spec.jwks)


def _jwks_uri(url: str) -> Iterator[str]:
    try:
        target = Target.parse(url if len(url) <= MAX_URL else "")
    except ValueError as error:
        yield f"jwks_uri {url[:80]!r}: {error}"
        return
    if not target.encrypted and not is_loopback(target.host):
        yield f"jwks_uri {url!r} must be https outside loopback"


def _jwks(spec: IssuerSpec, jwks: Mapping[str, object]) -> Iterator[str]:
    try:
        good, refused = read_jwks(jwks, algorithms=spec.algorithms)
    except ValueError as error:
        yield f"jwks: {error}"
        return
    for member in sorted(jwks.keys() - {"keys"}):
        # What nobody reads could be a private half, and would be shown and exported.
        yield f"jwks has a member {member[:80]!r}; a key set has keys and nothing else"
    for key in refused:
        name = "without a kid" if key.kid is None else repr(key.kid[:80])
        yield f"key {name} of jwks: {key.reason}"
    if not good and not refused:
        yield "jwks has no keys"


def _mapping(spec: IssuerSpec) -> Iterator[str]:
    if (spec.roles_claim is None) != (not spec.role_map):
        yield "roles_claim and role_map are given together or not at all"
    if spec.subject_prefix:
        yield from _text("subject_prefix", spec.subject_prefix)
    paths = [("subject_claim", spec.subject_claim), *(("match", path) for path in spec.match)]
    if spec.roles_claim is not None:
        paths.append(("roles_claim", spec.roles_claim))
    for what, path in paths:
        try:
            names = ClaimPath.parse(path).names
        except ValueError as error:
            yield f"{what}: {error}"
        else:
            yield from _cut_url(what, path, names)
    for path, value in spec.match.items():
        # A fraction is another text in each format that it passes through, and is never equal.
        if not isinstance(value, str | int):
            yield f"match {path[:80]!r} is no text, whole number, true or false"
    for theirs, ours in spec.role_map.items():
        yield from _text("role", theirs)
        yield from _text(f"role of ours for {theirs[:80]!r}", ours)


def _cut_url(what: str, path: str, names: Sequence[str]) -> Iterator[str]:
    """Yield a sentence when dots that nobody has escaped cut a claim that is named by a URL.

    Members of such a claim are fine: ``https://acme\\.example/claims.roles``.
    """
    for depth, name in enumerate(names[:-1]):
        _, is_url, rest = name.partition("://")
        host, _, below = rest.partition("/")
        cut_in_host = not below and "." not in host
        if is_url and (cut_in_host or any("/" in inner for inner in names[depth + 1 :])):
            whole = re.sub(r"(?<!\\)\.", r"\.", path)
            yield (
                f"{what} {path[:_MOST_TEXT]!r} is read as {len(names)} names, one within the other:"
                f" a dot that belongs to a name is written \\., as in {whole[:_MOST_TEXT]}"
            )
            return


def _known(what: str, given: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    given = tuple(given)
    if not given:
        yield f"needs at least one {what}"
    for name in given:
        if name not in known:
            yield f"{what} {name[:80]!r} is not one of: {', '.join(known)}"


def _text(what: str, text: str, most: int = _MOST_TEXT) -> Iterator[str]:
    if not 1 <= len(text) <= most or not text.isprintable():
        yield f"{what} {text[:80]!r} is not 1 to {most} printable characters"
