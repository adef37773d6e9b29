"""The central database: its tables, who may see which row, and the one way to write."""
