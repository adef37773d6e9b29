"""Photos and documents on the workstation: an encrypted file of their own beside journal and replica."""
