"""Maps of what is too much to read: texts or vectors as points in a plane, where neighbours are alike."""
