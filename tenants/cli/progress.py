"""How far long work is: a bar on the error output, where a person looks at it."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import click

from tenants.cli.session import Session

T = TypeVar("T")


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[], None]]:
    """Give what is called after each of ``total`` steps; it shows a bar that ends with the work.

    Nothing is shown with ``--quiet``, for a single step, or where no terminal is. Print what was
    done after the bar, not beside it.
    """
    if total < 2 or _is_quiet() or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()
    console = Console(file=sys.stderr)
    with Progress(
        *columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as bar:
        task = bar.add_task(label, total=total)
        yield lambda: bar.advance(task)


def tracked(label: str, items: Sequence[T]) -> Iterator[T]:
    """Pass on the items, with a bar that advances as each is done."""
    with progress(label, len(items)) as advance:
        for item in items:
            yield item
            advance()


def _is_quiet() -> bool:
    context = click.get_current_context(silent=True)
    session = None if context is None else context.find_object(Session)
    return session is not None and session.quiet
