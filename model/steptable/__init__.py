"""One declared transition table, and everything that is made of it."""
