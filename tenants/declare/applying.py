"""A tenants file made true: planned, agreed to, and written whole or not at all.

What was shown may be old when it is agreed to. So the plan is made once more where nobody else can
write, and anything but the same plan is shown anew.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from tenants import audit
from tenants.core import Core
from tenants.declare.declared import DeclaredFile
from tenants.declare.locks import lock_plan
from tenants.declare.outside import last_apply
from tenants.declare.plan import Plan
from tenants.declare.planning import make_plan
from tenants.declare.prepared import Prepared, Watch
from tenants.declare.stored import SqlStored
from tenants.declare.writing import Writing
from tenants.errors import ConflictError
from tenants.values import APPLY

Agree = Callable[[Plan], None]

# In a crowd of writers each attempt may find another registry; one takes fractions of a second.
_ATTEMPTS = 20


class Applying:
    """Applies one file: what is shown and agreed to is what is written."""

    def __init__(self, core: Core, declared: DeclaredFile, *, prune: bool) -> None:
        self._core = core
        self._declared = declared
        self._prune = prune
        self._prepared = Prepared(core)

    def apply(self, agree: Agree, watch: Watch = iter) -> Plan:
        """Return what was done.

        ``agree`` is shown each plan before it is carried out, and raises to stop; ``watch`` sees
        the tenants whose keys are made.

        Raises:
            FindingsError: naming everything that is wrong with the file.
            ConflictError: when others change the registry faster than this can plan.
            MasterKeyError: when keys are needed and cannot be sealed.
        """
        shown: Plan | None = None
        refused = ConflictError("others change the registry at the same time; nothing was changed")
        for _ in range(_ATTEMPTS):
            with self._core.begin() as session:
                plan = self._plan(session)
            if shown is None or not plan.does_the_same(shown):
                agree(plan)
            self._prepared.make(plan, watch)
            shown = plan
            try:
                if self._write(plan):
                    return plan
            except ConflictError as error:
                # Somebody has rotated a key meanwhile that this was to replace, most likely.
                refused = error
        raise refused

    def _write(self, plan: Plan) -> bool:
        """Tell whether the plan was written: it was not when it would be another one by now."""
        core = self._core
        with core.begin(write=True) as session:
            lock_plan(session, plan)
            fresh = self._plan(session, plan)
            if not fresh.does_the_same(plan):
                return False
            if not plan.is_empty:
                Writing(core, session, self._prepared).write(plan)
            self._record(session, plan)
        return True

    def _plan(self, session: Session, earlier: Plan | None = None) -> Plan:
        settings, declared = self._core.settings, self._declared
        return make_plan(SqlStored(session), settings, declared, prune=self._prune, earlier=earlier)

    def _record(self, session: Session, plan: Plan) -> None:
        """Write which file is in force from now on; done twice, it is written once."""
        source = self._declared.source
        last = last_apply(session)
        is_known = last is not None and (last.after or {}).get("digest") == source.digest
        if plan.is_empty and is_known and not plan.outside:
            return
        after = {
            "digest": source.digest,
            "pruned": self._prune,
            "tiers": len(plan.tiers),
            "created": plan.count("create"),
            "changed": plan.count("change"),
            "deleted": plan.count("delete"),
        }
        now = self._core.now()
        audit.record(session, at=now, actor=self._core.actor, action=APPLY, after=after)
