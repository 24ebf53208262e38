import pytest

from tenantauth.context import RequestContext
from tenantauth.errors import StackError
from tenantauth.layer import arrange
from tenantauth.layers.cors import Cors
from tenantauth.reply import HeaderList, Reply


class Named:
    """A layer without hooks."""

    def __init__(self, name: str, requires: str = "", provides: str = "") -> None:
        self.name = name
        self.requires = frozenset(requires.split())
        self.provides = frozenset(provides.split())


class Incoming(Named):
    def admit(self, context: RequestContext) -> Reply | None:
        return None


class Outgoing(Named):
    def finish(self, context: RequestContext, headers: HeaderList) -> None:
        headers.append(("X-Layer", self.name))


class Both(Incoming, Outgoing):
    pass


def test_layers_keep_their_order() -> None:
    layers = [Both("b"), Both("a"), Both("c")]
    assert [hooks.layer for hooks in arrange(layers)] == layers


def test_hooks_are_found_once() -> None:
    arranged = arrange([Incoming("a"), Outgoing("b"), Both("c")])
    found = [[each.admit is not None, each.finish is not None] for each in arranged]
    assert found == [[True, False], [False, True], [True, True]]


def test_no_layers_are_a_stack_too() -> None:
    assert arrange([]) == ()


def test_what_is_required_is_provided_before() -> None:
    layers = [Both("a", provides="x y"), Both("b", "x", "z"), Both("c", "x y z")]
    assert len(arrange(layers)) == 3


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        ([Named("a")], "layer a has neither admit nor finish"),
        ([Both("a"), Incoming("a")], "two layers are called a"),
        ([Both("a", "x")], "layer a requires x of a layer before it"),
        ([Both("a", "x"), Both("b", "", "x")], "layer a requires x of a layer before it"),
        ([Both("a", "x", "x")], "layer a requires x of a layer before it"),
        ([Both("a", "", "x"), Both("b", "x z y")], "layer b requires y, z of a layer before it"),
    ],
    ids=["no hook", "same name", "missing", "later", "its own", "two missing"],
)
def test_layers_that_cannot_work_are_refused_when_built(layers: list[Named], sentence: str) -> None:
    """Threat 56: a stack that cannot work never meets a request."""
    with pytest.raises(StackError) as caught:
        arrange(layers)
    assert str(caught.value) == sentence


def test_a_class_is_not_yet_a_layer() -> None:
    with pytest.raises(StackError, match="Cors is a class: give the stack a layer made of it"):
        arrange([Cors])  # type: ignore[list-item]  # the mistake that is meant
