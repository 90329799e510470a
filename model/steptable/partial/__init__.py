"""The partial evaluator: values partly known, taken apart into scalars with finite domains."""
