"""What a change of a tenant ends, in sentences: addresses, and tokens that live."""

from collections.abc import Iterator, Mapping

from tenantauth.json_values import same_json
from tenantauth.settings import Settings
from tenantauth.units import format_duration
from tenants.addresses import host_addresses
from tenants.spec import TenantSpec
from tenants.values import IssuerSpec


def ended_by(before: TenantSpec, after: TenantSpec, settings: Settings) -> Iterator[str]:
    """Yield a sentence for each address that ends, and each change that refuses live tokens.

    A tenant with own hosts is served at these alone: its first one ends the address below the base.
    """
    served = host_addresses(after.slug, after.hosts, settings)
    for url in host_addresses(before.slug, before.hosts, settings):
        if url not in served:
            yield f"{url} will stop answering"
    if after.issuer != before.issuer:
        yield f"every token issued as {before.issuer} will be refused"
    gone = [audience for audience in before.audience if audience not in after.audience]
    if gone:
        yield f"tokens for {', '.join(gone)} alone will be refused"
    longest_s = after.lifetimes.max_ttl_s
    if longest_s < before.lifetimes.max_ttl_s:
        yield f"tokens that were issued for more than {format_duration(longest_s)} will be refused"
    trusted = {each.issuer: each for each in after.trusted_issuers}
    for each in before.trusted_issuers:
        if each.issuer not in trusted or not _takes_all(trusted[each.issuer], each):
            yield f"tokens of issuer {each.issuer} may end"


def _takes_all(after: IssuerSpec, before: IssuerSpec) -> bool:
    """Tell whether each token that passed passes still, as the same caller with all its roles."""
    entry, entry_before = set(after.requires_any_role), set(before.requires_any_role)
    return (
        _same_keys(after, before)
        and set(after.audience) >= set(before.audience)
        and {typ.lower() for typ in after.typ} >= {typ.lower() for typ in before.typ}
        and _holds(before.match, after.match)
        and _holds(after.role_map, before.role_map)
        and before.roles_claim in (None, after.roles_claim)
        and (not entry or (bool(entry_before) and entry >= entry_before))
        and (after.subject_claim, after.subject_prefix)
        == (before.subject_claim, before.subject_prefix)
    )


def _same_keys(after: IssuerSpec, before: IssuerSpec) -> bool:
    added = set(after.algorithms) - set(before.algorithms)
    return (
        set(after.algorithms) >= set(before.algorithms)
        # An RSA key that names no algorithm is bound to RS256 where that is among them.
        and not ("RS256" in added and "PS256" in before.algorithms)
        and after.jwks_uri == before.jwks_uri
        and all(key in _keys(after) for key in _keys(before))
    )


def _keys(issuer: IssuerSpec) -> list[object]:
    keys = (issuer.jwks or {}).get("keys")
    return keys if isinstance(keys, list) else []


def _holds(all_of: Mapping[str, object], some: Mapping[str, object]) -> bool:
    return all(name in all_of and same_json(all_of[name], some[name]) for name in some)
