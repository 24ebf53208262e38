from typing import Any

import pytest

from tenantauth.errors import TokenError
from tenantauth.tokens.transport import read_bearer


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_the_scheme_is_read_in_any_case(scheme: str) -> None:
    assert read_bearer({"HTTP_AUTHORIZATION": f"{scheme} a.b-_~+/c=="}) == "a.b-_~+/c=="


def test_several_spaces_may_follow_the_scheme() -> None:
    assert read_bearer({"HTTP_AUTHORIZATION": "Bearer   a.b.c"}) == "a.b.c"


@pytest.mark.parametrize(
    "field",
    [
        pytest.param("", id="empty"),
        pytest.param("Basic YTpi", id="basic"),
        pytest.param("Basic bearer", id="basic-with-our-word"),
        pytest.param("DPoP a.b.c", id="dpop"),
        pytest.param("Bearertoken a.b.c", id="longer-scheme"),
        pytest.param("Bearer-x a.b.c", id="longer-scheme-with-dash"),
        pytest.param("a.b.c", id="no-scheme"),
        pytest.param('Digest username="a", realm="b"', id="parameters-of-another-scheme"),
        pytest.param("Basic YTpi, Basic YTpj", id="another-scheme-twice"),
    ],
)
def test_another_scheme_is_no_token(field: str) -> None:
    """Threat 57: other schemes."""
    assert read_bearer({"HTTP_AUTHORIZATION": field}) is None


@pytest.mark.parametrize(
    "field",
    [
        pytest.param("Bearer", id="no-token"),
        pytest.param("Bearer ", id="no-token-after-the-space"),
        pytest.param("Bearer\ta.b.c", id="tab"),
        pytest.param("Bearer\xa0a.b.c", id="no-break-space"),
        pytest.param("Bearer\u3000a.b.c", id="ideographic-space"),
        pytest.param("Bearer\x00a.b.c", id="nul"),
        pytest.param("Bearer\r\na.b.c", id="crlf"),
        pytest.param("Bearer:a.b.c", id="colon"),
        pytest.param(" Bearer a.b.c", id="space-before"),
        pytest.param("Bearer a.b.c ", id="space-after"),
        pytest.param("Bearer a.b.c\n", id="newline-after"),
        pytest.param("Bearer a.b.c d.e.f", id="two-tokens"),
        pytest.param("Bearer Bearer a.b.c", id="scheme-twice"),
        pytest.param("Bearer a.b.c,Bearer d.e.f", id="joined-by-a-server"),
        pytest.param("Bearer a.b.c, Bearer a.b.c", id="the-same-twice"),
        pytest.param("Basic YTpi, Bearer a.b.c", id="joined-after-another-scheme"),
        pytest.param(",Bearer a.b.c", id="joined-after-nothing"),
        pytest.param('Bearer token="a.b.c"', id="parameter"),
        pytest.param("Bearer a.\u00e9.c", id="not-ascii"),
        pytest.param("Bearer a.\u212a.c", id="kelvin-sign-for-k"),
        pytest.param("Bearer\u017fa.b.c", id="long-s-behind-the-scheme"),
    ],
)
def test_a_field_that_does_not_hold_exactly_one_token_is_refused(field: str) -> None:
    """Threat 57: twice, comma-joined, odd white space."""
    with pytest.raises(TokenError, match="malformed_authorization"):
        read_bearer({"HTTP_AUTHORIZATION": field})


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"QUERY_STRING": "access_token=a.b.c"},
        {"HTTP_COOKIE": "access_token=a.b.c; Authorization=Bearer a.b.c"},
        {"HTTP_X_AUTHORIZATION": "Bearer a.b.c"},
        {"HTTP_PROXY_AUTHORIZATION": "Bearer a.b.c"},
        {"AUTHORIZATION": "Bearer a.b.c"},
        {"HTTP_X_FORWARDED_ACCESS_TOKEN": "a.b.c"},
    ],
    ids=["nothing", "query", "cookie", "x-header", "proxy", "server-variable", "forwarded"],
)
def test_a_token_elsewhere_is_not_read(environ: dict[str, Any]) -> None:
    """Threat 57, threat 46: query, cookie and other headers."""
    assert read_bearer(environ) is None
