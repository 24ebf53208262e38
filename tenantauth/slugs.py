"""The form of a tenant's short name, wherever one is read."""

import re

SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
