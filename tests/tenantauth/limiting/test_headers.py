import pytest

from tenantauth.limit import Limit
from tenantauth.limiting.headers import policy_header, standing_header
from tenantauth.ports import Standing
from tenantauth.units import Rate

USER = Limit("user", Rate(100, 60), by="subject")
EXPORT = Limit("route:export.csv", Rate(10, 3600))


def test_the_policy_names_quota_and_window() -> None:
    assert policy_header([Standing(USER, 1, 2)]) == '"user";q=100;w=60'


def test_the_standing_names_what_is_left_and_when_more_comes() -> None:
    assert standing_header([Standing(USER, 99, 60)]) == '"user";r=99;t=60'


def test_several_limits_make_one_list() -> None:
    standings = [Standing(USER, 99, 60), Standing(EXPORT, 0, 9)]
    assert policy_header(standings) == '"user";q=100;w=60, "route:export.csv";q=10;w=3600'
    assert standing_header(standings) == '"user";r=99;t=60, "route:export.csv";r=0;t=9'


@pytest.mark.parametrize(("reset_s", "t"), [(-0.1, 0), (0, 0), (0.01, 1), (59.5, 60), (60.0, 60)])
def test_seconds_are_whole_rounded_up_and_never_negative(reset_s: float, t: int) -> None:
    assert standing_header([Standing(USER, 0, reset_s)]) == f'"user";r=0;t={t}'
