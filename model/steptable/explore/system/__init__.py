"""A world as a transition system: finite variables, and what each action does to them."""
