"""The simulator: several workstations and their server in one process, on a virtual clock, with every fault by seed."""
