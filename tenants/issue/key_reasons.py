"""Why a token's header is refused, or the key that it names: what it says, and what is due."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from tenantauth.errors import IssuerUnavailableError
from tenantauth.keyring import VerificationKey
from tenantauth.tokens.verifier import ACCESS_TOKEN_TYPES, FORBIDDEN_PARAMETERS
from tenants.issue.evidence import Evidence, listed, told
from tenants.issuer_keys import IssuerKey


def _wrong_type(found: Evidence) -> str:
    typ = found.untrusted_header.get("typ")
    said = "has no typ" if typ is None else f"says typ {told(typ)}"
    types = ACCESS_TOKEN_TYPES if found.issuer is None else found.issuer.typ
    due = " or ".join("JWT" if each == "jwt" else each for each in sorted(types))
    return f"its header {said}, and {found.slug} takes {due}{found.from_issuer}"


def _forbidden_header(found: Evidence) -> str:
    names = sorted(FORBIDDEN_PARAMETERS & found.untrusted_header.keys())
    return f"its header has {', '.join(names)}, which would change how it is read"


def _no_kid(found: Evidence) -> str:
    kid = found.untrusted_header.get("kid")
    said = "names no key (kid)" if kid is None else f"has the kid {told(kid)}, which is no text"
    return f"its header {said}"


def _unknown_key(found: Evidence) -> str:
    kid = told(found.untrusted_header.get("kid"))
    keys = [f"{told(key.kid)} ({key.state})" for key in found.policy.keyring]
    return f"its kid {kid} is none of {found.slug}'s keys: {', '.join(keys) or 'none'}"


def _unknown_issuer_key(found: Evidence) -> str:
    kid = told(found.untrusted_header.get("kid"))
    given = found.issuer.keys if found.issuer is not None else None
    if given is not None:
        return f"its kid {kid} is none of the keys given for {found.owner}: {_kids(given)}"
    try:
        keys = () if found.issuer is None else found.keys_of(found.issuer)
    except IssuerUnavailableError:
        return f"its kid {kid} is none of the keys that {found.owner} publishes"
    same = [key for key in keys if key.kid == found.untrusted_header.get("kid")]
    if same:
        return f"its kid {kid} is a key of {found.owner} which {_unused(same[0])}"
    return f"its kid {kid} is none of the keys that {found.owner} publishes: {_kids(keys)}"


def _kids(keys: Iterable[IssuerKey | VerificationKey]) -> str:
    return listed([key.kid for key in keys if key.kid is not None])


def _unused(key: IssuerKey) -> str:
    if key.problems:
        return f"is not used: {'; '.join(key.problems)}"
    return "it has published only now; try again"


def _wrong_algorithm(found: Evidence) -> str:
    key, algorithm = found.key(), found.untrusted_header.get("alg")
    due = "another" if key is None else key.algorithm
    kid = told(found.untrusted_header.get("kid"))
    unsigned = ", so it is not signed" if algorithm == "none" else ""
    return (
        f"its alg is {told(algorithm)}{unsigned}, and the key {kid} of {found.owner} is for {due}"
    )


def _algorithm_not_allowed(found: Evidence) -> str:
    key = found.key()
    allowed = sorted(() if found.issuer is None else found.issuer.algorithms)
    of_key = "another algorithm" if key is None else key.algorithm
    kid = told(found.untrusted_header.get("kid"))
    due = f"{found.slug} takes {', '.join(allowed)}{found.from_issuer}"
    return f"its key {kid} is for {of_key}, and {due}"


def _bad_signature(found: Evidence) -> str:
    return (
        "its signature does not hold: it was changed, or signed by another key than"
        f" {told(found.untrusted_header.get('kid'))} of {found.owner}"
    )


KEY_REASONS: Mapping[str, Callable[[Evidence], str]] = MappingProxyType(
    {
        "wrong_type": _wrong_type,
        "forbidden_header": _forbidden_header,
        "no_kid": _no_kid,
        "unknown_key": _unknown_key,
        "unknown_issuer_key": _unknown_issuer_key,
        "wrong_algorithm": _wrong_algorithm,
        "algorithm_not_allowed": _algorithm_not_allowed,
        "bad_signature": _bad_signature,
    }
)
