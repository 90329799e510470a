"""The engine of generated C, with its runtime."""
