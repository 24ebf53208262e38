"""A limit of a route whose rate, or whose owner, the app tells from the grant."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from tenantauth.errors import LimitError
from tenantauth.identity import Grant
from tenantauth.limit import CountBy, Limit
from tenantauth.units import MAX_AMOUNT, Rate

GrantText = Callable[[Grant], str]


@dataclass(frozen=True, slots=True)
class GrantLimit:
    """A limit with a function of the grant for its ``rate``, for whom it counts, or for both.

    ``by`` as a function names the owner of the counter, below the tenant and apart from subjects;
    of callers for whom it returns ``""`` the address is counted.

    Raises:
        ValueError: when what is fixed cannot work.
    """

    name: str
    rate: Rate | GrantText
    by: CountBy | GrantText = "subject"
    cost: int = 1

    def __post_init__(self) -> None:
        if not isinstance(self.rate, Rate) and not callable(self.rate):
            raise ValueError(f"{self.rate!r} is not a rate, nor a function of the grant")
        fixed = self.rate if isinstance(self.rate, Rate) else Rate(MAX_AMOUNT, 1)
        Limit(self.name, fixed, by=self._count_by, cost=self.cost)

    def limit_for(self, grant: Grant) -> Limit:
        """Return the limit that holds for this grant.

        Raises:
            LimitError: when the function's answer is no rate that this limit can have. An answer
                that cannot be read must not mean that there is no limit.
        """
        rate = self.rate if isinstance(self.rate, Rate) else self.rate(grant)
        if not isinstance(rate, str | Rate):
            raise LimitError(f"limit {self.name}: its rate is a text, not {type(rate).__name__}")
        try:
            return _compiled(self.name, rate, self._count_by, self.cost)
        except ValueError as error:
            raise LimitError(f"limit {self.name}: {error}") from None

    def owner_for(self, grant: Grant) -> str | None:
        """Return the owner that the app's function names, or ``None`` when ``by`` is no function.

        Raises:
            LimitError: when the answer is not a text.
        """
        if not callable(self.by):
            return None
        owner = self.by(grant)
        if not isinstance(owner, str):
            raise LimitError(f"limit {self.name}: its owner is a text, not {type(owner).__name__}")
        return owner

    @property
    def _count_by(self) -> CountBy:
        # Owners that the app names are counted below the tenant.
        return "tenant" if callable(self.by) else self.by


@lru_cache(maxsize=1024)
def _compiled(name: str, rate: str | Rate, by: CountBy, cost: int) -> Limit:
    # Bounded, as an app may make a rate of anything that a caller has.
    return Limit(name, Rate.parse(rate) if isinstance(rate, str) else rate, by=by, cost=cost)
