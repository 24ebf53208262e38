"""A plan as people read it, and as programs do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from rich.text import Text

from tenants.cli.difference import key_words
from tenants.cli.output import clean, moment

if TYPE_CHECKING:
    from tenants.declare.plan import Action, Kept, Plan, TenantChange, TierChange
    from tenants.differences import Difference

_SIGNS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "create": ("+", "green"),
        "add": ("+", "green"),
        "change": ("~", "yellow"),
        "delete": ("-", "red"),
        "remove": ("-", "red"),
    }
)
_NAMED = 5  # So many tenants are named in one line; more say nothing more.


def plan_lines(plan: "Plan") -> Iterator[Text]:
    """Yield a plan line by line: changes, what is kept, what was changed outside the file."""
    for tier in plan.tiers:
        yield from _change(tier, f"tier {tier.name}")
        yield Text()
    for tenant in plan.tenants:
        yield from _change(tenant, f"tenant {tenant.slug}")
        yield from _endings(tenant)
        yield Text()
    kept = list(_kept(plan))
    if kept:
        yield from (Text(line, style="dim") for line in kept)
        yield Text()
    if plan.outside:
        yield from _outside(plan)
        yield Text()


def summary(plan: "Plan", *, done: bool = False) -> str:
    """Return in one line how much a plan does, or did."""
    counts: dict[Action, int] = {
        action: plan.count(action) for action in ("create", "change", "delete")
    }
    parts = [
        f"{count:,} {action}d" if done else f"{count:,} to {action}"
        for action, count in counts.items()
        if count
    ]
    if plan.tiers:
        parts.append(_counted(len(plan.tiers), "tier"))
    unchanged = f"{plan.unchanged:,} unchanged"
    return ", ".join([*parts, unchanged]) if parts else f"nothing to change ({unchanged})"


def plan_document(plan: "Plan") -> dict[str, object]:
    """Return a plan as JSON has it; its keys are stable."""
    kept = {each.slug: list(each.members) for each in plan.kept}
    return {
        "changes": not plan.is_empty,
        "tiers": [{"tier": tier.name, **_document(tier)} for tier in plan.tiers],
        "tenants": [
            {
                "slug": change.slug,
                **_document(change),
                "ends": list(change.consequences),
                "rotates_into": change.rotates_into,
            }
            for change in plan.tenants
        ],
        "unchanged": plan.unchanged,
        "kept": kept,
        "kept_tenants": list(plan.kept_tenants),
        "kept_tiers": list(plan.kept_tiers),
        "outside": list(plan.outside),
        "outside_more": plan.outside_more,
    }


def _document(change: "TenantChange | TierChange") -> dict[str, object]:
    return {"action": change.action, "differences": list(change.differences)}


def _change(change: "TenantChange | TierChange", title: str) -> Iterator[Text]:
    sign, style = _SIGNS[change.action]
    yield Text(f"{sign} {clean(title)}", style=f"bold {style}")
    if change.action != "delete":
        for difference in change.differences:
            yield _difference(difference, bare=change.action == "create")


def _endings(change: "TenantChange") -> Iterator[Text]:
    for sentence in change.consequences:
        yield Text(f"    ! {clean(sentence)}", style="bold red")
    if change.rotates_into:
        yield Text(f"    ! new keys are {change.rotates_into}; the next rotation signs so")


def _difference(difference: "Difference", *, bare: bool) -> Text:
    path = clean(" ".join(difference.path))
    if difference.kind == "change":
        old, new = written(difference.before), written(difference.after)
        return Text(f"    ~ {path}: {old} → {new}", style="yellow")
    sign, style = _SIGNS[difference.kind]
    value = difference.after if difference.kind == "add" else difference.before
    return Text(f"    {'' if bare else sign + ' '}{path}: {written(value)}", style=style)


def written(value: object) -> str:
    """Return a value in one line, much as a tenants file has it."""
    if isinstance(value, Mapping) and "kty" in value:
        return clean(key_words(value))
    if isinstance(value, Mapping):
        members = (f"{clean(str(name))}: {written(member)}" for name, member in value.items())
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return clean(str(value)) if value not in (None, "") else '""'


def _kept(plan: "Plan") -> Iterator[str]:
    for members, slugs in _by_members(plan.kept).items():
        yield f"kept (not in file): {', '.join(members)} of {_some(slugs)}"
    for noun, names in (("tenant", plan.kept_tenants), ("tier", plan.kept_tiers)):
        if names:
            yield f"kept (not in file): {_counted(len(names), noun)}: {_some(names)}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("s" if count > 1 else "")


def _by_members(kept: Iterable["Kept"]) -> dict[tuple[str, ...], list[str]]:
    by_members: dict[tuple[str, ...], list[str]] = {}
    for each in kept:
        by_members.setdefault(each.members, []).append(each.slug)
    return by_members


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return clean(", ".join(names[:_NAMED])) + more


def _outside(plan: "Plan") -> Iterator[Text]:
    yield Text("changed outside the file since the last apply:", style="bold")
    for change in plan.outside:
        who = f"{change.action} {change.tenant or ''}".strip()
        what = f" ({', '.join(change.members)})" if change.members else ""
        yield Text(f"    {moment(change.at)}  {clean(change.actor)}  {clean(who + what)}")
    if plan.outside_more:
        yield Text(f"    and {plan.outside_more:,} more: audit list")
