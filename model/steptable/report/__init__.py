"""What a run found out, for people (`text`) and for programs (`json`), from one result."""
