"""The layers of the stack, one concern each."""
