"""What commands print, draw and write, apart from their options."""
