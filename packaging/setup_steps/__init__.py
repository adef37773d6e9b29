"""The steps of bootstrap.py, one module each; standard library only."""
