import json
from typing import Any

import pytest

from tenantauth.errors import CODES
from tenantauth.reply import (
    Answer,
    Refusal,
    add_vary,
    bearer_challenge,
    render_problem,
    retry_after,
)

QUOTA = "https://iana.org/assignments/http-problem-types#quota-exceeded"


def body(refusal: Refusal) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render_problem(refusal, "request-1").body)
    return document


def test_a_refusal_is_a_problem_document() -> None:
    """RFC 9457."""
    assert body(Refusal("invalid_token", "bad_signature")) == {
        "type": "urn:tenantauth:problem:invalid_token",
        "title": "The access token is not valid here",
        "status": 401,
        "code": "invalid_token",
        "request_id": "request-1",
    }


def test_a_reason_is_never_told_to_the_caller() -> None:
    """Threat 110."""
    assert b"secret reason" not in render_problem(Refusal("forbidden", "secret reason"), "1").body


def test_a_detail_helps_an_honest_caller() -> None:
    assert (
        body(Refusal("invalid_request", detail="The Host is odd."))["detail"] == "The Host is odd."
    )


def test_a_rate_limited_caller_is_told_which_limit() -> None:
    document = body(Refusal("rate_limited", members={"violated-policies": ["user"]}))
    assert (document["type"], document["violated-policies"]) == (QUOTA, ["user"])


@pytest.mark.parametrize("code", CODES)
def test_every_refusal_is_uncached_and_complete(code: str) -> None:
    """Threat 111."""
    answer = render_problem(Refusal(code, headers=(("X-Own", "1"),)), "1")
    headers = dict(answer.headers)
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Content-Length"] == str(len(answer.body))
    assert headers["X-Own"] == "1"
    assert answer.status == CODES[code].status == Refusal(code).status


@pytest.mark.parametrize("text", ["\r\n\x1b[2J", "\u2028", "\ud800", '"}'], ids=ascii)
def test_no_text_breaks_the_document(text: str) -> None:
    """Threat 107."""
    answer = render_problem(Refusal("forbidden", detail=text), "1")
    assert answer.body.isascii()
    assert json.loads(answer.body)["detail"] == text


def test_a_code_outside_the_catalogue_cannot_be_used() -> None:
    with pytest.raises(KeyError, match="no_such_code"):
        Refusal("no_such_code")


@pytest.mark.parametrize(
    ("status", "line"),
    [(204, "204 No Content"), (401, "401 Unauthorized"), (429, "429 Too Many Requests")],
)
def test_a_status_line_is_as_wsgi_wants_it(status: int, line: str) -> None:
    assert Answer(status).status_line == line


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_status_line(code: str) -> None:
    assert render_problem(Refusal(code), "1").status_line.startswith(str(CODES[code].status))


@pytest.mark.parametrize(
    ("seconds", "value"), [(-1, "1"), (0, "1"), (0.001, "1"), (1, "1"), (1.001, "2"), (59.5, "60")]
)
def test_waiting_is_whole_seconds_and_at_least_one(seconds: float, value: str) -> None:
    assert retry_after(seconds) == ("Retry-After", value)


def test_a_challenge_without_an_error_is_the_scheme_alone() -> None:
    """RFC 6750 section 3.1."""
    assert bearer_challenge() == ("WWW-Authenticate", "Bearer")


def test_a_challenge_lists_its_parameters() -> None:
    value = 'Bearer error="insufficient_scope", scope="a b"'
    assert bearer_challenge("insufficient_scope", scope="a b") == ("WWW-Authenticate", value)
    assert bearer_challenge(realm="x") == ("WWW-Authenticate", 'Bearer realm="x"')


@pytest.mark.parametrize(
    ("present", "merged"),
    [
        ([], "Origin"),
        (["Cookie"], "Cookie, Origin"),
        (["Cookie", "Accept-Encoding"], "Cookie, Accept-Encoding, Origin"),
        (["Cookie,Accept"], "Cookie, Accept, Origin"),
        (["origin"], "origin"),
        (["Accept, ORIGIN"], "Accept, ORIGIN"),
        (["", " , "], "Origin"),
        (["*"], "*"),
        (["X-Origin"], "X-Origin, Origin"),
    ],
)
def test_vary_is_one_line(present: list[str], merged: str) -> None:
    """Threat 65, threat 68: merged into the app's own."""
    headers = [("vary", value) for value in present]
    add_vary(headers, "Origin")
    assert [value for _, value in headers] == [merged]
