"""What workstations and server must survive (sync.md's last list), line by line, and the tests that show it."""
