"""What declarations mean, on whole values: the oracle of every other target."""
