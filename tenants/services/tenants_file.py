"""The tenants file: planned, applied and written."""

from collections.abc import Iterator

from tenants.core import Core
from tenants.declare.applying import Agree, Applying
from tenants.declare.declared import read_declared
from tenants.declare.exporting import FileForm, export_text
from tenants.declare.plan import Plan
from tenants.declare.planning import make_plan
from tenants.declare.prepared import Watch
from tenants.declare.stored import SqlStored
from tenants.declare.text import FileText, read_text


class TenantsFileService:
    """Compares the registry with a tenants file, and makes it as the file says.

    A file is a path, ``-`` for the standard input, or a text that was read already.
    """

    def __init__(self, core: Core) -> None:
        self._core = core

    def plan(self, file: str | FileText, *, prune: bool = False) -> Plan:
        """Return what `apply` would do; nothing is written.

        Raises:
            FindingsError: naming everything that is wrong with the file.
        """
        declared = read_declared(_text(file))
        with self._core.begin() as session:
            return make_plan(SqlStored(session), self._core.settings, declared, prune=prune)

    def apply(
        self,
        file: str | FileText,
        *,
        prune: bool = False,
        agree: Agree = lambda _plan: None,
        watch: Watch = iter,
    ) -> Plan:
        """Make the registry as the file says, in one transaction, and return what was done.

        New tenants get their first signing keys. With ``prune`` members that the file leaves out
        become their defaults, and tenants and unused tiers that it leaves out are deleted.
        ``agree`` is called with the plan first, and raises to stop; ``watch`` is given the tenants
        whose keys are to be made, and passes them on.

        Raises:
            FindingsError: naming everything that is wrong with the file.
            ConflictError: when others change the registry all the time.
            MasterKeyError: when keys are needed and cannot be sealed.
        """
        declared = read_declared(_text(file))
        return Applying(self._core, declared, prune=prune).apply(agree, watch)

    def export(self, form: FileForm = "yaml") -> Iterator[str]:
        """Yield the whole registry, as it is at this moment, as a file that `apply` takes.

        Take it all at once: the transaction is open until then.
        """
        with self._core.begin() as session:
            yield from export_text(session, form)


def _text(file: str | FileText) -> FileText:
    return file if isinstance(file, FileText) else read_text(file)
