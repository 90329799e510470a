"""The interactive page: one HTML file that opens from disk and asks nobody for anything.

It has the machine, every verdict, every trace to step through, and the worlds to walk in. What
is to be said is worked out here and put into the page as data; the scripts beside these modules
only choose what to show. No text of a declaration is ever markup or code there: scripts put it
into the page as text, and what they compute with is numbers.
"""
