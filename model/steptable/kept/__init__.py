"""What was worked out of declarations, kept by their content, so that it is not worked out again.

Its question: is this known already of these very declarations, by these very sources of the engine?
It knows nothing of worlds or of what is worked out.
"""
