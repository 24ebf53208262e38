"""``completion``: a script that teaches a shell the commands, and names out of the registry."""

import click
from click.shell_completion import get_completion_class

from tenants.cli.boundary import Refused

_PROGRAM = "tenantauth"


@click.command(epilog='Example: eval "$(tenantauth completion bash)"')
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that completes commands, tenants and tiers at the Tab key.

    It is for the console script tenantauth: put the example into the start file of the shell.
    """
    found = get_completion_class(shell)
    if found is None:
        raise Refused(f"there is no completion for {shell}")
    variable = f"_{_PROGRAM.upper()}_COMPLETE"
    click.echo(found(context.find_root().command, {}, _PROGRAM, variable).source())
