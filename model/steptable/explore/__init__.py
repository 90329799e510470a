"""Every state that a world can reach, the ways there, and which steps break what."""
