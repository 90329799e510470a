"""One run in each format: for people, and for other tools."""
