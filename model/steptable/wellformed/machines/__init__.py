"""Whether each part of a machine fits the others."""
