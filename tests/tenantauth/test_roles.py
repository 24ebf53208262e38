import pytest

from tenantauth.roles import RoleBook, RoleDefinition


def role(name: str, *inherits: str, permits: str = "") -> RoleDefinition:
    return RoleDefinition(name, frozenset(inherits), frozenset(permits.split()))


BOOK = RoleBook(
    [
        role("owner", "admin", "auditor", permits="billing"),
        role("admin", "viewer", permits="write"),
        role("auditor", "viewer", permits="log"),
        role("viewer", permits="read"),
    ]
)


@pytest.mark.parametrize(
    ("held", "effective"),
    [
        pytest.param([], set(), id="none"),
        pytest.param(["viewer"], {"viewer"}, id="itself"),
        pytest.param(["admin"], {"admin", "viewer"}, id="inherited"),
        pytest.param(["owner"], {"owner", "admin", "auditor", "viewer"}, id="diamond"),
        pytest.param(["stranger"], {"stranger"}, id="unknown"),
        pytest.param(["stranger", "auditor"], {"stranger", "auditor", "viewer"}, id="mixed"),
    ],
)
def test_a_role_stands_for_itself_and_all_it_inherits(held: list[str], effective: set[str]) -> None:
    assert BOOK.effective_roles(held) == effective


@pytest.mark.parametrize(
    ("held", "permissions"),
    [
        pytest.param([], set(), id="none"),
        pytest.param(["viewer"], {"read"}, id="own"),
        pytest.param(["owner"], {"billing", "write", "log", "read"}, id="diamond"),
        pytest.param(["viewer", "viewer", "admin"], {"read", "write"}, id="several"),
        pytest.param(["stranger", "read", "Viewer"], set(), id="unknown"),
    ],
)
def test_permissions_come_from_known_roles_only(held: list[str], permissions: set[str]) -> None:
    assert BOOK.permissions(held) == permissions


def test_the_order_of_definitions_does_not_matter() -> None:
    book = RoleBook([role("a", permits="x"), role("b", "a")])
    turned = RoleBook([role("b", "a"), role("a", permits="x")])
    assert book.permissions(["b"]) == turned.permissions(["b"]) == {"x"}


@pytest.mark.parametrize(
    "definitions",
    [
        pytest.param([role("a", "a")], id="itself"),
        pytest.param([role("a", "b"), role("b", "a")], id="two"),
        pytest.param([role("a", "b"), role("b", "c"), role("c", "a")], id="three"),
        pytest.param([role("x", "a"), role("a", "b"), role("b", "a")], id="behind-another"),
    ],
)
def test_a_circle_of_inheritance_is_refused(definitions: list[RoleDefinition]) -> None:
    with pytest.raises(ValueError, match="inherits itself"):
        RoleBook(definitions)


@pytest.mark.parametrize("definitions", [[role("a", "b")], [role("a", "c"), role("c", "b")]])
def test_inheriting_an_undefined_role_is_refused(definitions: list[RoleDefinition]) -> None:
    with pytest.raises(ValueError, match="'b', which does not exist"):
        RoleBook(definitions)


def test_two_roles_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="share the name 'a'"):
        RoleBook([role("a", permits="read"), role("a", permits="write")])


def test_a_long_line_of_inheritance_is_no_recursion() -> None:
    line = [role(f"r{n}", f"r{n + 1}") for n in range(1200)]
    book = RoleBook([*line, role("r1200", permits="deep")])
    assert book.permissions(["r0"]) == {"deep"}
