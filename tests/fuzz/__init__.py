"""Worlds drawn at random out of the whole language, judged once more by an oracle of its own."""
