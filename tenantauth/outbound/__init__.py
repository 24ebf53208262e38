"""Connections to addresses that policies name: checked, bounded, and never led elsewhere."""
