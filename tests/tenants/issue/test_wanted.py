"""What somebody wants in a token."""

from typing import Any

import pytest

from tenants.errors import InvalidError
from tenants.issue.wanted import RESERVED_CLAIMS, WantedToken


def deep(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ({"subject": ""}, "is not a subject"),
        ({"subject": "a" * 256}, "is not a subject"),
        ({"subject": "a\nb"}, "is not a subject"),
        ({"subject": "\ud800"}, "is not a subject"),
        ({"client_id": "\x1b[31m"}, "is not a client id"),
        ({"subject": "web"}, "the subject 'web' is reserved"),
        ({"roles": ("",)}, "is not a role"),
        ({"roles": tuple(map(str, range(201)))}, "at most 200 roles"),
        ({"scopes": ("a b",)}, "'a b' is not a scope"),
        ({"scopes": ('a"b',)}, "is not a scope"),
        ({"scopes": ("",)}, "is not a scope"),
        ({"scopes": tuple(map(str, range(201)))}, "at most 200 scopes"),
        ({"extra": {"sub": "bob"}}, "the claim 'sub' is set by the token service itself"),
        ({"extra": {"n": float("nan")}}, "extra claims are JSON"),
        ({"extra": {"n": {1, 2}}}, "extra claims are JSON"),
        ({"extra": {"n": "\ud800"}}, "extra claims are JSON"),
        ({"extra": {1: "a", "1": "b"}}, "extra claims are JSON"),
        ({"extra": deep(21)}, "extra claims are JSON"),
        ({"extra": deep(5000)}, "extra claims are JSON"),
    ],
    # Named by what is wrong: the values themselves cannot all be written.
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_our_own_verifier_would_refuse_is_not_issued(
    wanted: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InvalidError, match=problem):
        WantedToken(**{"subject": "alice", **wanted})


def test_all_problems_are_told_together() -> None:
    with pytest.raises(InvalidError) as caught:
        WantedToken(subject="", client_id="", scopes=("a b",))
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize("name", sorted(RESERVED_CLAIMS))
def test_nobody_speaks_in_the_name_of_the_token_service(name: str) -> None:
    with pytest.raises(InvalidError, match=f"'{name}' is set by the token service"):
        WantedToken(subject="alice", extra={name: "x"})


@pytest.mark.parametrize(
    ("subject", "client_id", "is_user"),
    [("alice", "web", True), ("batch", "batch", False)],
    ids=["user", "client"],
)
def test_a_clients_subject_is_the_client_itself(
    subject: str, client_id: str, is_user: bool
) -> None:
    assert WantedToken(subject=subject, client_id=client_id).is_user is is_user
