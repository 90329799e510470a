"""The difference between two versions, told: as text, Markdown, JSON and a drawing."""
