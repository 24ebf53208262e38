"""The tenants file: read strictly, planned against the registry, applied, and written again.

::

    file ─ text ─ reading ─ schema ─ declared      what the file says, with every finding
                                        │
    registry ─────────────────────── planning ─ plan ─ applying
        └── exporting ─ file
"""
