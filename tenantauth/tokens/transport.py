"""Where a token is read from: ``Authorization: Bearer`` and nowhere else (RFC 6750 section 2.1)."""

import re
from wsgiref.types import WSGIEnvironment

from tenantauth.errors import TokenError

# One scheme, one space or more, one token; servers join repeated fields with a comma.
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]+)", re.ASCII | re.IGNORECASE)
# A scheme ends where a name may not go on (RFC 9110 5.6.2), be it by a tab or a no-break space. It
# may also stand behind another one that a second field brought.
_SCHEME = re.compile(r"(?:^|,)\s*bearer(?![!#$%&'*+.^_`|~0-9a-z-])", re.ASCII | re.IGNORECASE)


def read_bearer(environ: WSGIEnvironment) -> str | None:
    """Return the untrusted token of a request, or ``None`` when it carries none.

    Another scheme (Basic, say) is no token of ours.

    Raises:
        TokenError: when the field names the Bearer scheme but does not hold exactly one token.
    """
    untrusted_field: str = environ.get("HTTP_AUTHORIZATION", "")
    if not untrusted_field:
        return None
    match = _BEARER.fullmatch(untrusted_field)
    if match is not None:
        return match[1]
    if _SCHEME.search(untrusted_field):
        raise TokenError("malformed_authorization")
    return None
