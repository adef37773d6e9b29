"""Commands of the operator: each a sentence in, a table out, and an exit code that scripts can trust."""
