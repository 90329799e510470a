"""What differs between two versions of a machine, and what that breaks, and for whom."""
