"""The central database as the rooms above see it: each port of theirs, in plain SQL on a unit of work."""
