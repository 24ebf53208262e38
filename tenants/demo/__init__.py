"""The demo: two tenants, an API that serves both, and a page for each on another origin.

`cast` says who plays, `place` where, `seed` makes the tenants, `app` is the API (read it first: an
app of your own looks like it), `pages` serves the pages, `guide` says what to try with curl.
"""
