"""What people may ask of the records without a workstation, and what they may get to see. Pure."""
