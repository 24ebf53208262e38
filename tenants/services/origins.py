"""Origins: the pages that may call a tenant, by the paths that they may call."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypedDict, Unpack

from tenantauth.names import Names, each_name
from tenantauth.origins import OriginPattern
from tenantauth.paths import check_prefix
from tenantauth.ports import TenantKey
from tenants.core import Core
from tenants.errors import InvalidError, NotFoundError
from tenants.preflight import Call, CallAnswer, ask
from tenants.source import SqlPolicySource
from tenants.spec import TenantSpec
from tenants.tenant_changes import TenantChanges
from tenants.values import CorsSpec, TenantRecord


class CorsMembers(TypedDict, total=False):
    """What else a CORS rule says; what is not given stays as it is."""

    methods: Names
    allow_headers: Names
    expose_headers: Names
    credentials: bool
    max_age_s: int
    private_network: bool


class OriginService:
    """Adds, removes, lists and tests the origins of a tenant's CORS rules."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._changes = TenantChanges(core)

    def add(
        self, slug: str, *origins: str, path: str = "/", **members: Unpack[CorsMembers]
    ) -> TenantRecord:
        """Let pages of these origins call what is below ``path``; no origin changes the rest alone.

        A path that has no rule yet gets one: for it, the rule of a shorter path no longer counts.

        Raises:
            NotFoundError: when there is no such tenant.
            InvalidError: naming every value that cannot work.
        """

        def change(spec: TenantSpec) -> TenantSpec:
            rule = _rule(spec, path) or CorsSpec(path=_spell_path(path))
            known = set(map(_spell, rule.origins))
            new = dict.fromkeys(each for each in map(_spell, origins) if each not in known)
            changed = _with_members(rule, members)
            return _with_rule(spec, replace(changed, origins=(*rule.origins, *new)))

        return self._changes.make(slug, "origin.add", change)

    def remove(self, slug: str, *origins: str, path: str = "/") -> TenantRecord:
        """Let pages of these origins call no more; without an origin the whole rule goes.

        A rule that has lost its last origin stays and lets nobody in: without it, the rule of a
        shorter path would count.

        Raises:
            NotFoundError: when there is no such tenant, rule or origin.
        """

        def change(spec: TenantSpec) -> TenantSpec:
            rule = _rule(spec, path)
            if rule is None:
                raise NotFoundError(f"tenant {slug!r} has no CORS rule for {path[:80]!r}")
            if not origins:
                return replace(spec, cors=tuple(each for each in spec.cors if each != rule))
            _refuse_unknown(slug, rule, origins)
            gone = set(map(_spell, origins))
            left = tuple(each for each in rule.origins if _spell(each) not in gone)
            return _with_rule(spec, replace(rule, origins=left))

        return self._changes.make(slug, "origin.remove", change)

    def list(self, slug: str) -> tuple[CorsSpec, ...]:
        """Return a tenant's CORS rules by path; the longest path that fits counts.

        Raises:
            NotFoundError: when there is no such tenant.
        """
        return self._changes.read(slug).cors

    def test(
        self, slug: str, origin: str, *, path: str = "/", method: str = "GET", headers: Names = ()
    ) -> CallAnswer:
        """Ask the layer of the request path whether a page of an origin may make a call.

        It is asked with the stored policy: neither an app's default rules nor marks on its routes
        count.

        Raises:
            NotFoundError: when there is no such tenant.
            InvalidError: when the path is none.
        """
        self._changes.read(slug)
        if not path.startswith("/"):
            raise InvalidError([f"{path!r} is not a path (write /api/me)"])
        policy = SqlPolicySource(self._core).get(TenantKey("slug", slug))
        asked_path = path.partition("?")[0]
        return ask(policy, Call(origin, asked_path, method, each_name(headers)))


def _with_members(rule: CorsSpec, members: CorsMembers) -> CorsSpec:
    return replace(
        rule,
        methods=each_name(members.get("methods", rule.methods)),
        allow_headers=each_name(members.get("allow_headers", rule.allow_headers)),
        expose_headers=each_name(members.get("expose_headers", rule.expose_headers)),
        credentials=members.get("credentials", rule.credentials),
        max_age_s=members.get("max_age_s", rule.max_age_s),
        private_network=members.get("private_network", rule.private_network),
    )


def _rule(spec: TenantSpec, path: str) -> CorsSpec | None:
    wanted = _spell_path(path)
    return next((rule for rule in spec.cors if rule.path == wanted), None)


def _with_rule(spec: TenantSpec, wanted: CorsSpec) -> TenantSpec:
    others = (rule for rule in spec.cors if rule.path != wanted.path)
    return replace(spec, cors=(*others, wanted)).sorted()


def _refuse_unknown(slug: str, rule: CorsSpec, origins: Iterable[str]) -> None:
    known = set(map(_spell, rule.origins))
    unknown = [origin for origin in origins if _spell(origin) not in known]
    if unknown:
        raise NotFoundError(
            f"tenant {slug!r} has no origin {', '.join(map(repr, unknown))} for {rule.path!r}"
        )


def _spell(origin: str) -> str:
    try:
        return str(OriginPattern.parse(origin))
    except ValueError:
        return origin


def _spell_path(path: str) -> str:
    try:
        return check_prefix(path)
    except ValueError as error:
        raise InvalidError([f"CORS rule: {error}"]) from None
