"""Small machines with something wrong in each, and what is to be said of it."""
