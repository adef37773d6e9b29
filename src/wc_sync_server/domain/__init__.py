"""What the server's rooms share: who asks, what they may, how an answer says no. Pure."""
