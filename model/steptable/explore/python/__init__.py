"""The engine that needs no compiler."""
