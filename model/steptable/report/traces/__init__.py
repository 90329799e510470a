"""Traces in words."""
