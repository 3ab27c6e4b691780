"""Laws published by others, as named constants with source, units and way of counting."""
