from typing import Any

import pytest

from tenantauth.origins import OriginSet
from tenantauth.policy import CorsRule
from tenantauth.route_cors import RouteCors, _replaced

RULE = CorsRule(OriginSet.parse(["https://app.test"]), credentials=True, max_age_s=60)


def test_only_the_fields_that_are_said_are_replaced() -> None:
    rule = RouteCors(methods=("GET",), expose_headers=("ETag",)).of(RULE)
    assert (rule.methods_value, rule.allow_headers, rule.max_age_s) == (
        "GET",
        RULE.allow_headers,
        60,
    )
    assert rule.expose_headers_value.endswith(", ETag")


def test_origins_and_credentials_are_the_tenants() -> None:
    rule = RouteCors(allow_headers=(), max_age_s=0).of(RULE)
    assert (rule.origins, rule.credentials, rule.allow_headers_value) == (RULE.origins, True, "")


def test_an_inner_level_comes_before_an_outer_one() -> None:
    inner, outer = RouteCors(methods=("GET",)), RouteCors(methods=("PUT",), max_age_s=5)
    assert inner.within(outer) == RouteCors(methods=("GET",), max_age_s=5)
    assert inner.within(None) == inner


def test_a_rule_is_made_once_and_kept_in_bounds() -> None:
    """Threat 102."""
    fields = RouteCors(max_age_s=1)
    assert fields.of(RULE) is RouteCors(max_age_s=1).of(RULE)
    for seconds in range(1500):
        RouteCors(max_age_s=seconds)
    assert _replaced.cache_info().currsize == _replaced.cache_info().maxsize


@pytest.mark.parametrize(
    "fields",
    [
        {"methods": ("*",)},
        {"allow_headers": ("X Y",)},
        {"expose_headers": ("X\r\nSet-Cookie: a",)},
        {"max_age_s": -1},
        {"max_age_s": 86_401},
    ],
)
def test_a_field_that_cannot_work_is_refused(fields: dict[str, Any]) -> None:
    """Threat 69."""
    with pytest.raises(ValueError):  # noqa: PT011  # each says something else
        RouteCors(**fields)
