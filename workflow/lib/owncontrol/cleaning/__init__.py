"""From canonical tables of text to typed tables, with every change, doubt and loss on record."""
