"""What a plan rests on: where it breaks, what a little more buys, how far it extrapolates."""
