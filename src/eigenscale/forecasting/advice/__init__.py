"""What limits the loss, what more data or features would bring, and what that costs."""
