"""Answers that the stack gives in the app's place; the one module that turns codes into bytes."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from tenantauth.errors import CODES

HeaderList = list[tuple[str, str]]

_QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished response: an answered preflight, a health check, a rendered refusal."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def status_line(self) -> str:
        """Return the status as WSGI wants it, as ``204 No Content``."""
        return f"{self.status} {HTTPStatus(self.status).phrase}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused request: a stable code from `tenantauth.errors.CODES`.

    ``reason`` goes to events only. ``detail`` and ``members`` go to the caller, in the problem's
    body; ``headers`` too, as challenges and ``Retry-After``.

    Raises:
        KeyError: when the code is not in the catalogue.
    """

    code: str
    reason: str = ""
    detail: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    members: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        CODES[self.code]

    @property
    def status(self) -> int:
        """Return the HTTP status of the code."""
        return CODES[self.code].status


Reply = Answer | Refusal


# Writes a refusal with the request id; `render_problem` is the default.
Form = Callable[[Refusal, str], Answer]


def problem_of(refusal: Refusal, request_id: str) -> dict[str, object]:
    """Return a refusal as the members of a problem (RFC 9457)."""
    code = CODES[refusal.code]
    limited = refusal.code == "rate_limited"
    return {
        "type": _QUOTA_EXCEEDED if limited else f"urn:tenantauth:problem:{refusal.code}",
        "title": code.title,
        "status": code.status,
        "code": refusal.code,
        "request_id": request_id,
        **({"detail": refusal.detail} if refusal.detail else {}),
        **refusal.members,
    }


def render_problem(refusal: Refusal, request_id: str) -> Answer:
    """Write a refusal as ``application/problem+json`` (RFC 9457)."""
    return answer_with(refusal, "application/problem+json", _json(problem_of(refusal, request_id)))


def render_envelope(refusal: Refusal, request_id: str) -> Answer:
    """Write a refusal as ``{"status": "failed", "error": {"code", "message"}}``."""
    message = refusal.detail or CODES[refusal.code].title
    error = {"code": refusal.code, "message": message}
    return answer_with(refusal, "application/json", _json({"status": "failed", "error": error}))


def answer_with(
    refusal: Refusal, content_type: str, body: bytes, extra: Iterable[tuple[str, str]] = ()
) -> Answer:
    """Return a refusal with a body; status, challenge and ``Retry-After`` stay as decided."""
    headers = (
        ("Content-Type", content_type),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        *refusal.headers,
        *extra,
    )
    return Answer(refusal.status, headers, body)


def _json(document: Mapping[str, object]) -> bytes:
    return json.dumps(document).encode() + b"\n"


def retry_after(seconds: float) -> tuple[str, str]:
    """Return the header that asks to wait: whole seconds, rounded up, at least one."""
    return ("Retry-After", str(max(1, math.ceil(seconds))))


def bearer_challenge(error: str | None = None, **parameters: str) -> tuple[str, str]:
    """Return a ``WWW-Authenticate: Bearer`` header (RFC 6750 section 3).

    Values are our own words or names of scopes; quotes and backslashes cannot stand in them.
    """
    pairs = ({"error": error} if error else {}) | parameters
    challenge = ", ".join(f'{name}="{value}"' for name, value in pairs.items())
    return ("WWW-Authenticate", f"Bearer {challenge}".rstrip())


def add_vary(headers: HeaderList, *names: str) -> None:
    """Merge names into one ``Vary`` line (RFC 9110 section 12.5.5)."""
    present = [value for name, value in headers if name.lower() == "vary"]
    words = [word.strip() for value in present for word in value.split(",") if word.strip()]
    known = {word.lower() for word in words}
    if "*" in known:
        return
    words += [name for name in names if name.lower() not in known]
    headers[:] = [header for header in headers if header[0].lower() != "vary"]
    headers.append(("Vary", ", ".join(words)))
