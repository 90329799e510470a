"""States packed into integers, and generated Python over them."""
