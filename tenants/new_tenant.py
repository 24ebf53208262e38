"""What an operator wants a new tenant to be, checked as a whole before anything is written."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from tenantauth.limit import Limit
from tenantauth.origins import OriginSet
from tenantauth.policy import DEFAULT_ALLOW_HEADERS, DEFAULT_GUARD, DEFAULT_METHODS, CorsRule
from tenantauth.roles import RoleBook, RoleDefinition
from tenantauth.settings import Settings
from tenantauth.units import Rate
from tenants.addresses import MAX_URL, default_issuer, issuer_problems, read_host
from tenants.errors import InvalidError
from tenants.keys import ALGORITHMS, DEFAULT_ALGORITHM
from tenants.lifetimes import Lifetimes
from tenants.values import CorsSpec

SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
RESERVED_SLUGS = frozenset({"www", "api", "app", "admin", "t"})

# Role and permission names travel in claims and on command lines, where these would split them.
_WORD = re.compile(r"[^\s,\"\\]{1,200}")

Part = TypeVar("Part")
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class NewTenant:
    """A tenant to be made. Without an own issuer or audience it gets its own origin as both.

    No limits and no CORS are what it says: none.
    """

    slug: str
    name: str
    hosts: tuple[str, ...] = ()
    issuer: str = ""
    audience: tuple[str, ...] = ()
    algorithm: str = DEFAULT_ALGORITHM
    cors: tuple[CorsSpec, ...] = ()
    limits: tuple[Limit, ...] = ()
    roles: tuple[RoleDefinition, ...] = ()
    tier: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    guard: Rate = DEFAULT_GUARD
    lifetimes: Lifetimes = field(default_factory=Lifetimes)

    def checked(self, settings: Settings) -> "NewTenant":
        """Return the same with its defaults filled in and its hosts normalised.

        Raises:
            InvalidError: naming every value that cannot work.
        """
        problems = [*_slug_problems(self.slug), *_text_problems(self), *_role_problems(self.roles)]
        hosts = _read_each("host", read_host, self.hosts, problems)
        _read_each("CORS rule", read_cors, self.cors, problems)
        problems += _duplicates("host", hosts)
        problems += _duplicates("CORS path", (rule.path.rstrip("/") for rule in self.cors))
        problems += _duplicates("limit", (limit.name for limit in self.limits))
        problems += self.lifetimes.problems(settings.staleness_s)
        if self.issuer:
            problems += issuer_problems(self.issuer, allow_http=settings.allow_http)
        if self.algorithm not in ALGORITHMS:
            problems.append(f"algorithm {self.algorithm!r} is not one of: {', '.join(ALGORITHMS)}")
        if problems:
            raise InvalidError(problems)
        issuer = self.issuer or default_issuer(self.slug, hosts, settings)
        return replace(self, hosts=hosts, issuer=issuer, audience=self.audience or (issuer,))


def rules_of_origins(origins: Iterable[str], *, credentials: bool) -> tuple[CorsSpec, ...]:
    """Return the rule for ``/`` that lets these origins do what pages usually do, if any."""
    origins = tuple(origins)
    if not origins:
        return ()
    rule = CorsSpec(
        path="/",
        origins=origins,
        methods=DEFAULT_METHODS,
        allow_headers=DEFAULT_ALLOW_HEADERS,
        expose_headers=(),
        credentials=credentials,
        max_age_s=600,
    )
    return (rule,)


def read_cors(spec: CorsSpec) -> CorsRule:
    """Return the rule as the request path has it.

    Raises:
        ValueError: when a field cannot work.
    """
    if len(spec.path) > MAX_URL:
        raise ValueError(f"a path is at most {MAX_URL} characters long")
    return CorsRule(
        OriginSet.parse(spec.origins),
        path=spec.path,
        methods=spec.methods,
        allow_headers=spec.allow_headers,
        expose_headers=spec.expose_headers,
        credentials=spec.credentials,
        max_age_s=spec.max_age_s,
    )


def _slug_problems(slug: str) -> Iterator[str]:
    if not SLUG.fullmatch(slug):
        yield f"slug {slug[:80]!r} is not 1 to 63 of a-z, 0-9 and inner hyphens"
    elif slug in RESERVED_SLUGS:
        yield f"slug {slug!r} is reserved"


def _text_problems(wanted: NewTenant) -> Iterator[str]:
    texts = [("name", wanted.name, 200), ("tier", wanted.tier or "-", 64)]
    texts += [("audience", audience, MAX_URL) for audience in wanted.audience]
    for key, text in wanted.metadata.items():
        texts += [("metadata name", key, 64), (f"metadata {key[:64]!r}", text or "-", 2000)]
    for what, text, longest in texts:
        # Python calls lone surrogates and control characters unprintable; no database takes all.
        if not text.strip() or len(text) > longest or not text.isprintable():
            yield f"{what} {text[:80]!r} is not 1 to {longest} printable characters"
    if len(wanted.metadata) > 100 or len(wanted.audience) > 100:
        yield "metadata and audience hold at most 100 members each"


def _role_problems(roles: tuple[RoleDefinition, ...]) -> Iterator[str]:
    for role in roles:
        for word in sorted({role.name, *role.permissions}):
            if not _WORD.fullmatch(word) or not word.isprintable():
                yield f"role {role.name[:80]!r}: {word[:80]!r} is not one word without commas"
    try:
        RoleBook(roles)
    except ValueError as error:
        yield str(error)


def _duplicates(what: str, names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f"{what} {name or '/'!r} is given twice"
        seen.add(name)


def _read_each(
    what: str, read: Callable[[Part], Read], parts: Iterable[Part], problems: list[str]
) -> tuple[Read, ...]:
    done = []
    for part in parts:
        try:
            done.append(read(part))
        except ValueError as error:
            problems.append(f"{what}: {error}")
    return tuple(done)
