"""The benchmark: the generated reducer and its codec beside others, in one run."""
