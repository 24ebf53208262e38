"""Whether a tenant can be what is wanted: every problem at once, before anything is written."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from tenantauth.limit import LIMIT_NAME
from tenantauth.roles import RoleBook
from tenantauth.settings import Settings
from tenantauth.slugs import SLUG
from tenantauth.trusted_issuer import check_beside
from tenantauth.units import Rate
from tenants.addresses import MAX_URL, issuer_problems, read_host
from tenants.errors import InvalidError
from tenants.issuer_check import problems_of_issuer
from tenants.keys import ALGORITHMS
from tenants.parts import read_cors, read_issuer, read_limit, read_role
from tenants.problems import Problem, new_problems
from tenants.role_names import roles_that_lead_nowhere
from tenants.spec import RESERVED_SLUGS, TenantSpec
from tenants.values import LimitSpec, RoleSpec

# Role and permission names travel in claims and on command lines, where these would split them.
_WORD = re.compile(r"[^\s,\"\\]{1,200}")

# Workers keep the keys of each address, in a table that all tenants share.
MAX_ISSUERS = 50

Part = TypeVar("Part")


def checked(
    spec: TenantSpec, settings: Settings, *, before: TenantSpec | None = None
) -> TenantSpec:
    """Return what is wanted in its stored spelling, with its defaults filled in.

    What was wrong ``before`` a change already is not held against the change; nor is it that roles
    of issuers lead to none when a tenant declares its first role, as no two come at once.

    Raises:
        InvalidError: naming every value that cannot work.
    """
    known: list[Problem] = []
    if before is not None:
        known += problems_of(before, settings)
        known += () if before.roles else roles_that_lead_nowhere(before.trusted_issuers, ())
    refuse(new_problems(known, problems_of(spec, settings)))
    return spec.canonical(settings)


def refuse(problems: Iterable[Problem]) -> None:
    """Return when there are none.

    Raises:
        InvalidError: naming them all.
    """
    sentences = [problem.sentence for problem in problems]
    if sentences:
        raise InvalidError(sentences)


def problems_of(spec: TenantSpec, settings: Settings) -> Iterator[Problem]:
    """Yield everything in one tenant that cannot work, wherever others stand."""
    yield from _slug(spec.slug)
    yield from _texts(spec)
    yield from _each("TA013", "host", "hosts", read_host, spec.hosts)
    if spec.issuer:
        for sentence in issuer_problems(spec.issuer, allow_http=settings.allow_http):
            yield Problem("TA014", sentence, ("issuer",))
    if spec.algorithm not in ALGORITHMS:
        text = f"algorithm {spec.algorithm!r} is not one of: {', '.join(ALGORITHMS)}"
        yield Problem("TA015", text, ("tokens", "algorithm"))
    for setting, sentence in spec.lifetimes.problems(settings.staleness_s):
        yield Problem("TA016", sentence, ("tokens", setting))
    yield from _each("TA017", "CORS rule", "cors", read_cors, spec.cors)
    yield from limit_problems(spec.limits)
    yield from _roles(spec.roles)
    yield from _guard(spec.guard)
    yield from _trusted(spec, settings)
    if spec.roles:
        declared = {role.name for role in spec.roles}
        yield from roles_that_lead_nowhere(spec.trusted_issuers, declared)
    if len(spec.trusted_issuers) > MAX_ISSUERS:
        text = f"a tenant trusts at most {MAX_ISSUERS} issuers, not {len(spec.trusted_issuers)}"
        yield Problem("TA021", text, ("trusted_issuers",))
    spelled = spec.spelled(settings)
    if "path" in settings.resolve and settings.base_host in spelled.hosts:
        text = f"host {settings.base_host!r} is everybody's: tenants share its paths"
        yield Problem("TA013", text, ("hosts", spelled.hosts.index(settings.base_host)))
    yield from _twice("host", "hosts", spelled.hosts)
    yield from _twice("CORS path", "cors", (rule.path for rule in spelled.cors))


def limit_problems(limits: Iterable[LimitSpec]) -> Iterator[Problem]:
    """Yield what cannot work in the limits of a tenant or a tier."""
    limits = tuple(limits)
    yield from _each("TA018", "limit", "limits", read_limit, limits)
    yield from _twice("limit", "limits", (limit.name for limit in limits))


def tier_problems(name: str, limits: Iterable[LimitSpec]) -> Iterator[Problem]:
    """Yield what cannot work in a tier."""
    # A tier is named on command lines, as a limit is.
    if not LIMIT_NAME.fullmatch(name):
        yield Problem("TA012", f"tier {name[:80]!r} is not a name (letters, digits, . _ : -)")
    yield from limit_problems(limits)


def is_text(text: str, longest: int) -> bool:
    """Tell whether a text can be shown and stored.

    Python calls lone surrogates and control characters unprintable; no database takes all.
    """
    return bool(text.strip()) and len(text) <= longest and text.isprintable()


def _slug(slug: str) -> Iterator[Problem]:
    if not SLUG.fullmatch(slug):
        text = f"slug {slug[:80]!r} is not 1 to 63 of a-z, 0-9 and inner hyphens"
        yield Problem("TA011", text, ("slug",))
    elif slug in RESERVED_SLUGS:
        yield Problem("TA011", f"slug {slug!r} is reserved", ("slug",))


def _texts(spec: TenantSpec) -> Iterator[Problem]:
    texts: list[tuple[str, str, int, tuple[str | int, ...]]] = [
        ("name", spec.name, 200, ("name",)),
        ("tier", spec.tier or "-", 64, ("tier",)),
        *(
            ("audience", audience, MAX_URL, ("audience", at))
            for at, audience in enumerate(spec.audience)
        ),
    ]
    for key, text in spec.metadata.items():
        texts.append(("metadata name", key, 64, ("metadata", key)))
        texts.append((f"metadata {key[:64]!r}", text or "-", 2000, ("metadata", key)))
    for what, text, longest, place in texts:
        if not is_text(text, longest):
            sentence = f"{what} {text[:80]!r} is not 1 to {longest} printable characters"
            yield Problem("TA012", sentence, place)
    if len(spec.metadata) > 100 or len(spec.audience) > 100:
        yield Problem("TA012", "metadata and audience hold at most 100 members each")


def _guard(guard: str) -> Iterator[Problem]:
    try:
        Rate.parse(guard)
    except ValueError as error:
        yield Problem("TA023", f"guard: {error}", ("guard",))


def _trusted(spec: TenantSpec, settings: Settings) -> Iterator[Problem]:
    place = "trusted_issuers"
    found = [
        Problem("TA021", f"trusted issuer {issuer.issuer[:80]!r}: {sentence}", (place, at))
        for at, issuer in enumerate(spec.trusted_issuers)
        for sentence in problems_of_issuer(issuer, settings)
    ]
    found += _twice("issuer", place, (each.issuer for each in spec.trusted_issuers))
    yield from found
    if not found:
        # Each by itself could be trusted: together the tenant could not tell their callers apart.
        try:
            check_beside(map(read_issuer, spec.trusted_issuers), spec.issuer)
        except ValueError as error:
            yield Problem("TA021", f"trusted issuers: {error}", (place,))


def _roles(roles: tuple[RoleSpec, ...]) -> Iterator[Problem]:
    for at, role in enumerate(roles):
        for word in sorted({role.name, *role.permissions}):
            if not _WORD.fullmatch(word) or not word.isprintable():
                text = f"role {role.name[:80]!r}: {word[:80]!r} is not one word without commas"
                yield Problem("TA019", text, ("roles", at))
    try:
        RoleBook(map(read_role, roles))
    except ValueError as error:
        yield Problem("TA019", str(error), ("roles",))


def _twice(what: str, member: str, names: Iterable[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for at, name in enumerate(names):
        if name in seen:
            yield Problem("TA020", f"{what} {name or '/'!r} is given twice", (member, at))
        seen.add(name)


def _each(
    id_: str, what: str, member: str, read: Callable[[Part], object], parts: Iterable[Part]
) -> Iterator[Problem]:
    for at, part in enumerate(parts):
        try:
            read(part)
        except ValueError as error:
            yield Problem(id_, f"{what}: {error}", (member, at))
