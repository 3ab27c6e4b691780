"""What runs cost: FLOPs of architectures, memory, hours, money, and published settings."""
