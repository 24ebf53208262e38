"""From a stranger's bytes to verified claims."""
