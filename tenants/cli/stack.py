"""``stack``: the layers in the order in which a request meets them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from tenants.cli.output import Form, show_rows
from tenants.cli.session import Session, pass_session
from tenants.cli.values import app_option, format_option

if TYPE_CHECKING:
    from tenantauth.layer import Layer


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


@click.command(epilog="Example: stack --app shop:create_app()")
@app_option
@format_option
@pass_session
def stack(session: Session, spec: str | None, form: Form) -> None:
    """Show the layers in the order of a request; those of an app, or the default ones.

    On the way back, headers are finished in the opposite order.
    """
    from tenants.cli.loading import layers_of

    layers = layers_of(spec, session.settings)
    records = [_record(position, layer) for position, layer in enumerate(layers, 1)]
    show_rows(records, _COLUMNS, form, empty="no layers")


def _record(position: int, layer: "Layer") -> LayerRecord:
    from tenantauth.layer import Refuses

    return LayerRecord(
        position,
        layer.name,
        tuple(sorted(layer.requires)),
        tuple(sorted(layer.provides)),
        tuple(layer.refuses) if isinstance(layer, Refuses) else (),
    )
