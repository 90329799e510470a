"""Which states differ by the order of alike members alone, and which one stands for them."""
