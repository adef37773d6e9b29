"""How White Cross looks: colours, type, icons and cell looks. Knows QtCore and QtGui, never a widget."""
