"""Worlds as models for SPIN, a checker of another make."""
