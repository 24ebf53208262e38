"""Why a token's claims are refused: what they say, and what is due."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tenantauth.claim_path import ClaimPath
from tenantauth.json_values import same_json
from tenantauth.tokens.trusted_claims import NEVER_IN_ACCESS_TOKENS, OTHER_USES
from tenants.issue.evidence import Evidence, listed, told
from tenants.near_issuer import nearest_issuer

_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "id": "an ID token",
        "refresh": "a refresh token",
        "offline": "an offline token",
        "logout": "a logout token",
    }
)
_LISTS = frozenset({"roles", "amr", "scp"})
_TIMES = frozenset({"iat", "exp", "nbf", "auth_time"})


def explain_claim(name: str, found: Evidence) -> str:
    """Return a sentence for the claim that is missing or of another form; ``name`` is our own."""
    path = _path_of(name, found)
    value = ClaimPath.parse(path).find(found.untrusted_claims)
    if value is None:
        return f"its claim {path} is missing"
    return f"its claim {path} is {told(value)}, and due is {_form(name)}"


def _path_of(name: str, found: Evidence) -> str:
    if found.issuer is None:
        return name
    paths = {"subject": found.issuer.subject_claim, "roles": found.issuer.roles_claim}
    return paths.get(name) or name


def _form(name: str) -> str:
    if name in _TIMES:
        return "a time as a number of seconds since 1970"
    if name in _LISTS:
        return "a list of texts, each of 1 to 255 printable characters"
    if name == "scope":
        return "one text of printable ASCII characters"
    return "a text of 1 to 255 printable characters"


def _wrong_issuer(found: Evidence) -> str:
    issuer = found.untrusted_claims.get("iss")
    known = [found.policy.tokens.issuer, *(each.issuer for each in found.policy.trusted_issuers)]
    none = f"is none that {found.slug} trusts"
    if issuer is None:
        return f"it has no iss; {found.slug} takes {listed(known)}"
    near = nearest_issuer(issuer, known) if isinstance(issuer, str) else None
    hint = f"the nearest is {near}" if near else f"these are {listed(known)}"
    return f"its iss {told(issuer)} {none}; {hint}"


def _wrong_audience(found: Evidence) -> str:
    said = found.untrusted_claims.get("aud")
    rules = found.issuer or found.policy.tokens
    due = f"{found.slug} takes{found.from_issuer}: {listed(sorted(rules.audience))}"
    if said is None:
        return f"it has no aud, and one is due that {due}"
    shown = listed(said) if isinstance(said, list) else told(said)
    return f"its aud {shown} holds none that {due}"


def _wrong_tenant(found: Evidence) -> str:
    said = found.untrusted_claims.get("tenant")
    told_claim = "it has no tenant claim" if said is None else f"its tenant claim is {told(said)}"
    return f"{told_claim}, and due is {told(found.slug)}"


def _name_of_trusted_issuer(found: Evidence) -> str:
    prefixes = found.policy.subject_prefixes
    for name in ("sub", "client_id"):
        value = str(found.untrusted_claims.get(name))
        taken = next(filter(value.startswith, prefixes), None)
        if taken is not None:
            return f"its {name} {told(value)} begins as callers of a trusted issuer: {told(taken)}"
    return f"its sub or client_id begins as callers of a trusted issuer: {listed(prefixes)}"


def _not_an_access_token(found: Evidence) -> str:
    claims = found.untrusted_claims
    for name, uses in OTHER_USES.items():
        use = str(claims.get(name)).lower()
        if use in uses:
            return f"it is {_KINDS.get(use, 'another token')}: its {name} is {told(claims[name])}"
    member = next(iter(sorted(NEVER_IN_ACCESS_TOKENS & claims.keys())), "events")
    kind = "a logout token or a security event" if member == "events" else "an ID token"
    return f"it is {kind}: it has {member}"


def _no_match(found: Evidence) -> str:
    match = {} if found.issuer is None else found.issuer.match
    for path, due in match.items():
        value = ClaimPath.parse(path).find(found.untrusted_claims)
        if not same_json(value, due):
            said = "is missing" if value is None else f"is {told(value)}"
            return f"its claim {path} {said}, and due{found.from_issuer} is {told(due)} (match)"
    return "a claim does not have the value that the issuer's match asks for"


def _no_required_role(found: Evidence) -> str:
    issuer = found.issuer
    if issuer is None or issuer.roles_claim is None:
        return "none of its roles leads to one that the issuer's callers must hold"
    said = ClaimPath.parse(issuer.roles_claim).find(found.untrusted_claims)
    shown = "missing" if said is None else listed(said) if isinstance(said, list) else told(said)
    return (
        f"its claim {issuer.roles_claim} is {shown}, and leads to none of the roles that callers"
        f"{found.from_issuer} must hold: {listed(sorted(issuer.requires_any_role))}"
        f" (role_map knows {listed(sorted(issuer.role_map))})"
    )


CLAIM_REASONS: Mapping[str, Callable[[Evidence], str]] = MappingProxyType(
    {
        "wrong_issuer": _wrong_issuer,
        "wrong_audience": _wrong_audience,
        "wrong_tenant": _wrong_tenant,
        "name_of_trusted_issuer": _name_of_trusted_issuer,
        "not_an_access_token": _not_an_access_token,
        "no_match": _no_match,
        "no_required_role": _no_required_role,
    }
)
