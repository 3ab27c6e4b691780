"""What a plan has to keep to: caps, data that run out, serving, time and money."""
