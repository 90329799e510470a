"""Drawings of a machine by itself, in each format."""
