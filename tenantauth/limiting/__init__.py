"""Counting requests and failures."""
