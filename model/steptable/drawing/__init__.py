"""The drawings of a project: its machine, and what is found out about it in its worlds."""
