"""Whether every fair run comes to its goal."""
