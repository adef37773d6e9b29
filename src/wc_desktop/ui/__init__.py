"""What the nurse sees. Views bind, view models decide, widgets and models know no domain."""
