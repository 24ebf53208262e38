"""Fuzzing, kept: what reads strangers' bytes, with seeds, oracles and two engines."""
