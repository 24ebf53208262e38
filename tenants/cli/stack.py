"""``stack``: the layers in the order in which a request meets them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import click

from tenants.cli.output import Form, show_rows
from tenants.cli.session import Session, pass_session
from tenants.cli.values import format_option

# What each layer can answer in the app's place; the codes are those of `tenantauth.errors.CODES`.
REFUSALS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "suspension": ("tenant_suspended",),
        "guard": ("rate_limited",),
        "authenticate": ("missing_token", "invalid_token", "token_expired", "insecure_transport"),
        "rate_limit": ("rate_limited", "state_unavailable"),
        "authorize": (
            "insufficient_role",
            "insufficient_permission",
            "insufficient_scope",
            "stale_authentication",
            "forbidden",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class LayerRecord:
    """One layer, and its place."""

    position: int
    name: str
    requires: tuple[str, ...]
    provides: tuple[str, ...]
    refuses: tuple[str, ...]


_COLUMNS: Mapping[str, Callable[[LayerRecord], object]] = {
    "": lambda layer: layer.position,
    "layer": lambda layer: layer.name,
    "requires": lambda layer: layer.requires,
    "provides": lambda layer: layer.provides,
    "refuses with": lambda layer: layer.refuses,
}


@click.command(epilog="Example: stack --format json")
@format_option
@pass_session
def stack(session: Session, form: Form) -> None:
    """Show the layers in the order of a request.

    On the way back, headers are finished in the opposite order.
    """
    from tenantauth.defaults import default_layers

    layers = default_layers(allow_http=session.settings.allow_http)
    records = [
        LayerRecord(
            position,
            layer.name,
            tuple(sorted(layer.requires)),
            tuple(sorted(layer.provides)),
            REFUSALS.get(layer.name, ()),
        )
        for position, layer in enumerate(layers, 1)
    ]
    show_rows(records, _COLUMNS, form, empty="no layers")
