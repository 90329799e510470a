"""A checker of another make judges the same worlds: `make second-opinion`."""
