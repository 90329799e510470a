"""What a run found out, from one object: text for people, and what other tools read.

Texts, tables and the page of findings are for people; JSON, JUnit, SARIF and GitHub's commands
for programs; a trace can also be told again, or printed as a test.
"""
