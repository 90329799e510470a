"""The Python that importers of a machine load: reducer and codec."""
