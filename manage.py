"""Run `tenantauth` from a checkout: ``python manage.py NOUN VERB``."""

import sys

try:
    from tenants.cli import main
except ModuleNotFoundError as missing:
    sys.exit(f"error: {missing.name} is not installed: run 'make demo' once, then .venv/bin/python")

if __name__ == "__main__":
    main(prog_name=f"python {sys.argv[0]}")
