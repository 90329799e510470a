"""Whether each expression and value has the sort of its place."""
