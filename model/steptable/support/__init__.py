"""What any part may use: texts, names and signals; it knows nothing of machines."""
