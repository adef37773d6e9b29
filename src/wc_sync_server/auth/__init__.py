"""Who is asking: passwords, second factors, device keys, tokens, leases."""
