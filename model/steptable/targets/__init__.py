"""What is made of a machine by itself: Python for importers, drawings, words."""
