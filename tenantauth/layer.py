"""The layer: one concern of the stack, and the check that layers can work in their order."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from tenantauth.context import RequestContext
from tenantauth.errors import StackError
from tenantauth.reply import HeaderList, Reply


class Layer(Protocol):
    """One concern of the stack; an object you pass, shared by all requests and threads.

    ``requires`` and ``provides`` name what it reads of earlier layers and leaves for later ones
    (``identity``, ``decision``, a name of your own). At least one of the two hooks below. It may
    also have ``refuses``, the codes of its refusals, for people who read the stack.
    """

    @property
    def name(self) -> str:
        """The name in ``tenantauth stack`` and in events."""
        ...

    @property
    def requires(self) -> frozenset[str]:
        """What an earlier layer must provide."""
        ...

    @property
    def provides(self) -> frozenset[str]:
        """What this layer provides to later ones."""
        ...


@runtime_checkable
class Refuses(Protocol):
    """A layer that tells its refusals."""

    @property
    def refuses(self) -> tuple[str, ...]:
        """The codes of the refusals that it may answer with."""
        ...


@runtime_checkable
class Admits(Protocol):
    """The incoming hook."""

    def admit(self, context: RequestContext) -> Reply | None:
        """Return ``None`` to let the request go on, or the reply that ends it here."""
        ...


@runtime_checkable
class Finishes(Protocol):
    """The outgoing hook; runs for every layer whose turn came, innermost first."""

    def finish(self, context: RequestContext, headers: HeaderList) -> None:
        """Edit the header list of the answer, the app's or a refusal's, in place."""
        ...


@dataclass(frozen=True, slots=True)
class Hooks:
    """The hooks of one layer, found once when the stack is built."""

    layer: Layer
    admit: Admits | None
    finish: Finishes | None


def arrange(layers: Iterable[Layer], needed: frozenset[str] = frozenset()) -> tuple[Hooks, ...]:
    """Return the hooks of the layers in order; together they must provide what is ``needed``.

    Raises:
        StackError: when a layer has no hook, has the name of another, or requires what no
            earlier layer provides, or when something that is needed is not provided at all.
    """
    hooks = []
    names: set[str] = set()
    provided: set[str] = set()
    for layer in layers:
        if isinstance(layer, type):
            raise StackError(f"{layer.__name__} is a class: give the stack a layer made of it")
        hook = Hooks(
            layer,
            layer if isinstance(layer, Admits) else None,
            layer if isinstance(layer, Finishes) else None,
        )
        if hook.admit is None and hook.finish is None:
            raise StackError(f"layer {layer.name} has neither admit nor finish")
        if layer.name in names:
            raise StackError(f"two layers are called {layer.name}")
        if missing := sorted(layer.requires - provided):
            raise StackError(
                f"layer {layer.name} requires {', '.join(missing)} of a layer before it"
            )
        names.add(layer.name)
        provided |= layer.provides
        hooks.append(hook)
    if missing := sorted(needed - provided):
        raise StackError(f"no layer provides {', '.join(missing)}")
    return tuple(hooks)
