"""One module a noun, one method a use case, one transaction each."""
