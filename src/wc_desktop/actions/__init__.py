"""One verb each: what a nurse can do. Actions run on the replica thread, in order."""
