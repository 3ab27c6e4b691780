"""The forms that laws take, one small file each."""
