"""Files before anybody asks what they mean: opened, unpacked, and text taken apart into rows."""
