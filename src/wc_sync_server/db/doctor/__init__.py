"""Whether the database is set up as this version wants it, asked of its catalogues and settings; no row is read."""
