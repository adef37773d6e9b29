"""The morning after an outage: 500 workstations come back at once. Run `make storm`. Nothing here is shipped."""
