"""Why a token's time does not hold, with both numbers."""

from typing import Any

import pytest

from tenantauth.testing import make_policy, make_token
from tests.support import NOW
from tests.tenants.issue.kit import reason_of

ACME = make_policy("acme")
T = int(NOW)


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        (
            {"iat": T, "exp": T + 90_000},
            "its life (exp - iat) is 25h, and acme's max_ttl is 1d",
        ),
        (
            {"iat": T, "exp": T - 60},
            "its end (exp, 2027-01-15 07:59:00 UTC) is not after its beginning (iat, 2027",
        ),
        (
            {"iat": T + 400, "exp": T + 500},
            "it was issued (iat) in the future, 400s ahead of the clock here; the leeway is 30s",
        ),
        (
            {"nbf": T + 60},
            "it is not valid yet (nbf), 1m ahead of the clock here; the leeway is 30s",
        ),
        (
            {"iat": T - 900, "exp": T - 300},
            "it has expired (exp): it ended 5m ago, at 2027-01-15 07:55:00 UTC",
        ),
    ],
    ids=["life", "end", "future", "early", "expired"],
)
def test_both_numbers_are_told(claims: dict[str, Any], sentence: str) -> None:
    assert reason_of(make_token(ACME, **claims), ACME).startswith(sentence)
