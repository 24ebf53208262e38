import pytest

from tenants.app_cors import NO_APP, AppCors, allows_tokens
from tenants.values import CorsSpec

APP = ("https://a.test",)
PLAIN = CorsSpec("/", APP)
UPLOAD = CorsSpec("/upload", APP, allow_headers=("X-Part",))
NOBODY = CorsSpec("/upload", (), allow_headers=("X-Part",))


@pytest.mark.parametrize(
    ("rules", "kept_back"),
    [((PLAIN,), []), ((PLAIN, UPLOAD), [UPLOAD]), ((PLAIN, NOBODY), [])],
    ids=["default headers", "others", "nobody"],
)
def test_without_an_app_every_rule_without_the_field_may_keep_tokens_back(
    rules: tuple[CorsSpec, ...], kept_back: list[CorsSpec]
) -> None:
    assert list(NO_APP.keeping_tokens_back(rules)) == kept_back


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/upload", True),
        ("/upload/<int:id>", True),
        ("/<path:any>", True),
        ("/up<name>", True),
        ("/uploads", False),
        ("/", False),
        ("/reports/<int:id>", False),
    ],
)
def test_a_rule_keeps_tokens_back_where_a_route_below_it_needs_one(path: str, asked: bool) -> None:
    found = AppCors(token_paths=(path,)).keeping_tokens_back([PLAIN, UPLOAD])
    assert list(found) == ([UPLOAD] if asked else [])


def test_the_longest_rule_is_asked() -> None:
    closed = CorsSpec("/", APP, allow_headers=())
    open_below = CorsSpec("/upload", APP)
    found = AppCors(token_paths=("/upload/a",)).keeping_tokens_back([closed, open_below])
    assert list(found) == []


@pytest.mark.parametrize(("names", "allowed"), [(["AUTHORIZATION"], True), ([], False)])
def test_field_names_have_no_case(names: list[str], allowed: bool) -> None:
    assert allows_tokens(names) is allowed
