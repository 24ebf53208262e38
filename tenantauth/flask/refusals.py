"""Refusals as Flask's error handlers know them: exceptions of Werkzeug's classes and of one own.

::

    Refused
    ├── RefusedBadRequest           400   also a werkzeug BadRequest
    ├── RefusedUnauthorized         401   …
    ├── RefusedForbidden            403
    ├── RefusedNotFound             404
    ├── RefusedTooManyRequests      429
    ├── RefusedInternalServerError  500
    └── RefusedServiceUnavailable   503
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from werkzeug.exceptions import (
    BadRequest,
    Forbidden,
    HTTPException,
    InternalServerError,
    NotFound,
    ServiceUnavailable,
    TooManyRequests,
    Unauthorized,
)

from tenantauth.errors import CODES
from tenantauth.reply import Refusal, problem_of


class Refused(HTTPException):
    """A refused request, for the app to word.

    ``code`` is the HTTP status, as in every Werkzeug exception; ``problem`` are the members of the
    answer (``problem["code"]`` is the stable code); ``retry_after`` is seconds, or ``None``.
    """

    problem: Mapping[str, object]
    retry_after: datetime | int | None

    @classmethod
    def of(cls, refusal: Refusal, request_id: str) -> "Refused":
        """Return the exception of a refusal's status."""
        refused = _BY_STATUS[refusal.status](refusal.detail or CODES[refusal.code].title)
        refused.problem = MappingProxyType(problem_of(refusal, request_id))
        waits = [int(value) for name, value in refusal.headers if name == "Retry-After"]
        refused.retry_after = waits[0] if waits else None
        return refused


class RefusedBadRequest(Refused, BadRequest):
    """The request cannot be understood."""


class RefusedUnauthorized(Refused, Unauthorized):
    """Who calls is not proven."""


class RefusedForbidden(Refused, Forbidden):
    """Who calls is known, and may not."""


class RefusedNotFound(Refused, NotFound):
    """No tenant answers."""


class RefusedTooManyRequests(Refused, TooManyRequests):
    """A limit is reached."""


class RefusedInternalServerError(Refused, InternalServerError):
    """A bug of the stack, or of a layer or condition of the app's own."""


class RefusedServiceUnavailable(Refused, ServiceUnavailable):
    """Something that is needed to decide cannot be reached."""


_BY_STATUS: Mapping[int, type[Refused]] = MappingProxyType(
    {
        400: RefusedBadRequest,
        401: RefusedUnauthorized,
        403: RefusedForbidden,
        404: RefusedNotFound,
        429: RefusedTooManyRequests,
        500: RefusedInternalServerError,
        503: RefusedServiceUnavailable,
    }
)
