"""The command line: ``manage.py``, the console script ``tenantauth`` and ``flask tenantauth``.

One module a noun. What they share: `session` (settings and registry of one run), `output`
(tables, JSON, YAML), `boundary` (errors to exit statuses), `values` (texts to values), `confirm`.

Exit statuses: 0 done; 1 refused or failed, one line why on the error output; 2 wrong usage;
3 a definite other answer; 130 stopped by Ctrl-C; 141 the reader of the output went away.
"""

from tenants.cli.root import cli, main

__all__ = ["cli", "main"]
